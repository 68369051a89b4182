/** A declared request with its values put in, ready to be sent. */
import type { Json } from '../../core/json.js';
import type { HttpRequest } from '../engine/transport.js';
import type { Request } from './schema.js';
import { render, renderString } from './template.js';

const contentType = {
  json: 'application/json; charset=utf-8',
  form: 'application/x-www-form-urlencoded',
  text: 'text/plain; charset=utf-8',
};

const each = (templates: Record<string, string> | undefined, scope: Json): Record<string, string> =>
  Object.fromEntries(Object.entries(templates ?? {}).map(([name, template]) => [name, renderString(template, scope)]));

export const buildRequest = (words: Request, scope: Json): Omit<HttpRequest, 'idempotent'> => {
  const content = words.content ?? 'json';
  const body = words.body === undefined ? undefined : bodyText(content, render(words.body, scope));
  return {
    method: words.method ?? 'GET',
    path: renderString(words.path, scope),
    query: each(words.query, scope),
    headers: {
      ...(body === undefined ? {} : { 'content-type': contentType[content] }),
      ...each(words.headers, scope),
    },
    ...(body === undefined ? {} : { body }),
  };
};

const bodyText = (content: 'json' | 'form' | 'text', body: Json): string => {
  if (content === 'json') return JSON.stringify(body);
  if (typeof body === 'string') return body;
  if (content === 'text' || body === null || typeof body !== 'object') return JSON.stringify(body);
  const fields = Object.entries(body).map(([name, value]): [string, string] => [
    name,
    value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value ?? ''),
  ]);
  return new URLSearchParams(fields).toString();
};
