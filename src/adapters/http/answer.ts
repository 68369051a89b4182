/**
 * Is this answer a success? Asked before anybody looks at records, because nearly every vendor answers HTTP 200 on
 * failure, and HTML or nothing where the session is gone.
 */
import type { Json } from '../../core/json.js';
import { parseJson } from '../../core/json.js';
import type { HttpResponse } from '../engine/transport.js';
import { type Condition, holds } from './condition.js';
import { textAt } from './path.js';
import type { Answers } from './schema.js';

export type Verdict =
  | { as: 'ok' | 'partial' | 'duplicate'; body: Json }
  | {
      as: 'retry' | 'rateLimited' | 'reauth' | 'forbidden' | 'smallerPage' | 'permanent' | 'lost';
      code: string;
      message: string;
      waitMs?: number;
    };

export const judge = (response: HttpResponse, answers: Answers, renewOn: Condition | undefined): Verdict => {
  const body = bodyOf(response.text);
  const facts: Json = { status: response.status, headers: response.headers, body: body ?? null, text: response.text };
  const code = (fallback: string) => (answers.code && textAt(facts, answers.code)) || fallback;
  const reason = (fallback: string) => short((answers.message && textAt(facts, answers.message)) || fallback);
  const said = `the system answered ${response.status}`;
  const waitMs = secondsOf(response.headers['retry-after']);

  if (renewOn ? holds(renewOn, facts) : response.status === 401)
    return { as: 'reauth', code: 'http.credentials-refused', message: reason(said) };
  for (const rule of answers.rules ?? []) {
    if (!holds(rule.when, facts)) continue;
    if (rule.as === 'partial' || rule.as === 'duplicate') return { as: rule.as, body: body ?? null };
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
  if (response.text.trim() === '') {
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
  return { as: 'ok', body };
};

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
