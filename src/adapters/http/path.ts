/** Reads a value of a JSON tree by its path: `data.0.ItemId`; an empty path is the tree itself. */
import type { Json } from '../../core/json.js';

export const at = (tree: Json | undefined, path: string): Json | undefined => {
  if (path === '') return tree;
  let value = tree;
  for (const part of path.split('.')) {
    if (value === null || typeof value !== 'object') return undefined;
    value = Array.isArray(value) ? value[Number(part)] : value[part];
  }
  return value;
};

/** A scalar as text; nothing for null, objects and lists. */
export const textAt = (tree: Json | undefined, path: string): string | undefined => {
  const value = at(tree, path);
  return value === null || value === undefined || typeof value === 'object' ? undefined : String(value);
};

/** A path of an answer as a path of its body: `body.data.items` and `data.items` are one. */
export const inBody = (path: string): string => path.replace(/^body\.?/, '');
