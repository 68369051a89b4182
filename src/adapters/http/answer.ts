/**
 * Is this answer a success? Asked before anybody looks at records, because nearly every vendor answers HTTP 200 on
 * failure, and HTML or nothing where the session is gone.
 */
import type { Json } from '../../core/json.js';
import { parseJson } from '../../core/json.js';
import { type OpenedAnswer, openAnswer, type RecordTexts } from '../../core/json-records.js';
import type { HttpResponse } from '../engine/transport.js';
import { type Condition, holds } from './condition.js';
import { textAt } from './path.js';
import type { Answers } from './schema.js';

export type Verdict =
  /** `records`: those of the list that was asked for, if it could be opened; `body` is then without them. */
  | { as: 'ok' | 'partial' | 'duplicate'; body: Json; records?: RecordTexts }
  | {
      as: 'retry' | 'rateLimited' | 'reauth' | 'forbidden' | 'smallerPage' | 'permanent' | 'lost';
      code: string;
      message: string;
      waitMs?: number;
    };

/** A list in the answer that nothing but its reader looks into, and what is thrown for a record in it that is no JSON. */
export interface ListInAnswer {
  path: string;
  broken: (place: number) => Error;
}

export const judge = (
  response: HttpResponse,
  answers: Answers,
  renewOn: Condition | undefined,
  list?: ListInAnswer,
): Verdict => {
  const opened = list && openAnswer(response.bytes, list.path, list.broken);
  const body = opened ? opened.body : bodyOf(response.text);
  const facts: Json = {
    status: response.status,
    headers: response.headers,
    body: body ?? null,
    get text() {
      return response.text;
    },
  };
  const code = (fallback: string) => (answers.code && textAt(facts, answers.code)) || fallback;
  const reason = (fallback: string) => short((answers.message && textAt(facts, answers.message)) || fallback);
  const said = `the system answered ${response.status}`;
  const waitMs = secondsOf(response.headers['retry-after']);

  if (renewOn ? holds(renewOn, facts) : response.status === 401)
    return { as: 'reauth', code: 'http.credentials-refused', message: reason(said) };
  for (const rule of answers.rules ?? []) {
    if (!holds(rule.when, facts)) continue;
    if (rule.as === 'partial' || rule.as === 'duplicate') return success(rule.as, body ?? null, opened);
    const wait = secondsOf(rule.waitSeconds && textAt(facts, rule.waitSeconds)) ?? waitMs;
    const verdict = { as: rule.as, code: code(`http.${dotted(rule.as)}`), message: reason(said) };
    return wait === undefined ? verdict : { ...verdict, waitMs: wait };
  }
  const { status } = response;
  if (status === 429)
    return {
      as: 'rateLimited',
      code: 'http.rate-limited',
      message: reason(said),
      ...(waitMs === undefined ? {} : { waitMs }),
    };
  if (status === 413) return { as: 'smallerPage', code: 'http.too-large', message: reason(said) };
  if (status === 403) return { as: 'forbidden', code: code('http.forbidden'), message: reason(said) };
  if (status === 408 || status >= 500) return { as: 'retry', code: code('http.server-error'), message: reason(said) };
  if (status >= 300) return { as: 'permanent', code: code('http.refused'), message: reason(said) };
  if (body === undefined && response.text.trim() === '') {
    if (answers.emptyBody === 'empty') return { as: 'ok', body: null };
    return {
      as: answers.emptyBody === 'retry' ? 'retry' : 'lost',
      code: 'http.empty-body',
      message: 'the answer is empty',
    };
  }
  if (body === undefined)
    return {
      as: answers.notJson === 'retry' ? 'retry' : 'lost',
      code: 'http.not-json',
      message: `the answer is ${/^\s*</.test(response.text) ? 'HTML or XML' : 'text'} where JSON was due`,
    };
  if (answers.ok && !holds(answers.ok, facts))
    return { as: 'permanent', code: code('http.refused'), message: reason('the answer says that it failed') };
  return success('ok', body, opened);
};

const success = (as: 'ok' | 'partial' | 'duplicate', body: Json, opened: OpenedAnswer | undefined): Verdict =>
  opened ? { as, body, records: opened.records } : { as, body };

const bodyOf = (text: string): Json | undefined => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};

const secondsOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : undefined;

const dotted = (word: string): string => word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A vendor's reason, never a page of HTML or a whole payload. */
const short = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);
