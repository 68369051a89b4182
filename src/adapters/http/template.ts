/**
 * `{{path | filter}}` in requests. A body is a tree: values are put into its nodes, never pasted into JSON text, so a
 * quote in a lot number can not break out. A string that is one placeholder alone takes the value with its type.
 */
import { createHash, createHmac } from 'node:crypto';
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import { at } from './path.js';

type Filter = (value: Json | undefined, argument: string, scope: Json) => Json | undefined;

const text = (value: Json | undefined): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
const hash = (algorithm: string) => (value: Json | undefined) =>
  createHash(algorithm).update(text(value), 'utf8').digest('hex');
const quote = (value: Json | undefined): string => `'${text(value).replaceAll("'", "''")}'`;
const xmlSign: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

const exactNumber = (source: string): number => {
  const digits = source.replace(/^-?0*/, '').replace('.', '');
  if (/^-?\d+(\.\d+)?$/.test(source) && digits.length <= 15) return Number(source);
  throw new LotbridgeError({
    code: 'http.not-a-number',
    class: ErrorClass.data,
    message: `"${source.slice(0, 40)}" can not be sent as a JSON number without loss`,
    fix: 'Correct the value in the record, or send it as text: {{path | text}}.',
  });
};

/** The closed list. */
const filters: Record<string, Filter> = {
  json: (value) => JSON.stringify(value ?? null),
  urlencode: (value) => encodeURIComponent(text(value)),
  base64: (value) => Buffer.from(text(value)).toString('base64'),
  base64url: (value) => Buffer.from(text(value)).toString('base64url'),
  xml: (value) => text(value).replace(/[&<>"']/g, (sign) => xmlSign[sign] ?? sign),
  md5: hash('md5'),
  sha1: hash('sha1'),
  sha256: hash('sha256'),
  /** `hmacSha256(connection.secret)`: in hex, with the key at that path. */
  hmacSha256: (value, path, scope) =>
    createHmac('sha256', text(at(scope, path)))
      .update(text(value), 'utf8')
      .digest('hex'),
  upper: (value) => text(value).toUpperCase(),
  lower: (value) => text(value).toLowerCase(),
  text,
  /** As a JSON number; a text that is none, or has more digits than one holds exactly, is refused. */
  number: (value) => (text(value) === '' ? null : exactNumber(text(value))),
  /** In single quotes, a quote inside doubled; of a list each, with commas between. */
  quoted: (value) => (Array.isArray(value) ? value.map(quote).join(',') : quote(value)),
  default: (value, argument) => (value === undefined || value === null || value === '' ? argument : value),
};

export const filterNames = Object.keys(filters);

const placeholder = /\{\{\s*([^{}|]*?)\s*((?:\|[^{}|]*)*)\}\}/g;
const call = /^([A-Za-z0-9]+)(?:\(\s*'?([^')]*)'?\s*\))?$/;

const callsOf = (pipe: string): { name: string; argument: string }[] =>
  pipe
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [, name = part, argument = ''] = call.exec(part) ?? [];
      return { name, argument };
    });

/** What is wrong with a template's text: filters that do not exist, braces without end. */
export const templateProblem = (source: string): { wrong: string; word?: string } | undefined => {
  for (const [, , pipe = ''] of source.matchAll(placeholder))
    for (const { name } of callsOf(pipe))
      if (!(name in filters)) return { wrong: `the filter \`${name}\` does not exist`, word: name };
  return source.replace(placeholder, '').includes('{{') ? { wrong: 'a {{ without its }}' } : undefined;
};

/** @throws LotbridgeError `http.template-value` when a value that the template needs is not there */
export const render = (template: Json, scope: Json): Json => {
  if (typeof template === 'string') return renderText(template, scope);
  if (Array.isArray(template)) return template.map((one) => render(one, scope));
  if (template === null || typeof template !== 'object') return template;
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, render(value, scope)]));
};

export const renderString = (template: string, scope: Json): string => text(renderText(template, scope));

const renderText = (template: string, scope: Json): Json => {
  const alone = new RegExp(`^${placeholder.source}$`).exec(template);
  if (alone) return value(alone[1] ?? '', alone[2] ?? '', scope);
  return template.replace(placeholder, (_, path: string, pipe: string) => text(value(path, pipe, scope)));
};

const value = (path: string, pipe: string, scope: Json): Json => {
  const found = callsOf(pipe).reduce<Json | undefined>(
    (result, { name, argument }) =>
      result === undefined && name !== 'default' ? undefined : filters[name]?.(result, argument, scope),
    at(scope, path),
  );
  if (found !== undefined) return found;
  throw new LotbridgeError({
    code: 'http.template-value',
    class: ErrorClass.config,
    message: `The connector needs the value \`${path}\`, which is not there`,
    fix: path.startsWith('connection.')
      ? `Set ${path} for the system in hub.yaml.`
      : `Correct the path in the connector, or write {{${path} | default('')}}.`,
  });
};
