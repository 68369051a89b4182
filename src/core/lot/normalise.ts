/**
 * What a text is brought to before it is read, each step written down in the mapping file: nothing is folded by itself.
 * The text as it was typed stays the lot's number in that system; only its meaning is read from the normalised one.
 *
 *     trim          without space around it           halfWidth   Ｂ２０２６ → B2026, ideographic space → space
 *     noSpaces      without any space                 dashes      ‐ ‑ – — − － and their kin → -
 *     upper, lower  capital or small letters          replace(O,0)  one character for another: what a camera misreads
 *     pad(10)       a text of digits filled with zeros: 4711 → 0000004711
 */
import { LotbridgeError } from '../errors.js';
import type { Charset } from './charset.js';

export interface Normaliser {
  apply(text: string): string;
  /** Those characters of a set that no normalised text has. */
  never(set: Charset): Charset;
  /** All characters that become one of the set. */
  sources(set: Charset): Charset;
}

const dashes = /[\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d]/;

const single = (from: string, to: string): string => (to.length === 1 ? to : from);
const characterSteps: Record<string, (one: string) => string> = {
  upper: (one) => single(one, one.toUpperCase()),
  lower: (one) => single(one, one.toLowerCase()),
  dashes: (one) => (dashes.test(one) ? '-' : one),
  halfWidth: (one) => {
    if (one === '\u3000') return ' ';
    return one >= '\uff01' && one <= '\uff5e' ? String.fromCharCode(one.charCodeAt(0) - 0xfee0) : one;
  },
};

type Step = { character: (one: string) => string } | { text: (text: string) => string; without?: RegExp };

const stepOf = (step: string): Step | undefined => {
  const character = Object.hasOwn(characterSteps, step) ? characterSteps[step] : undefined;
  if (character) return { character };
  if (step === 'trim') return { text: (text) => text.trim() };
  if (step === 'noSpaces') return { text: (text) => text.replace(/\s/g, ''), without: /\s/ };
  const [, width] = /^pad\(([1-9]\d?)\)$/.exec(step) ?? [];
  if (width !== undefined) return { text: (text) => (/^\d+$/.test(text) ? text.padStart(Number(width), '0') : text) };
  const [, from, to] = /^replace\((.),(.)\)$/.exec(step) ?? [];
  if (from !== undefined && to !== undefined) return { character: (one) => (one === from ? to : one) };
  return undefined;
};

const ranges = (holds: (code: number) => boolean): Charset => {
  const found: [number, number][] = [];
  for (let code = 0; code <= 0xffff; code++) {
    if (!holds(code)) continue;
    const last = found.at(-1);
    if (last && last[1] === code - 1) last[1] = code;
    else found.push([code, code]);
  }
  return found;
};

const within = (set: Charset, code: number): boolean => set.some(([low, high]) => code >= low && code <= high);

const refuse = (step: string, message: string, fix: string): LotbridgeError =>
  new LotbridgeError({ code: 'lot.normalise', class: 'config', message: `Normalisation ${step}: ${message}`, fix });

/**
 * @param last what a ready-made format does itself, after the steps
 * @throws LotbridgeError `lot.normalise`
 */
export const compileNormaliser = (steps: readonly string[], last?: (text: string) => string): Normaliser => {
  const compiled = steps.map((step) => {
    const found = stepOf(step);
    if (!found)
      throw refuse(
        step,
        'there is no such step',
        'Use trim, noSpaces, upper, lower, halfWidth, dashes, pad(10) or replace(O,0).',
      );
    return found;
  });
  const apply = (text: string): string => {
    let now = text;
    for (const step of compiled) {
      if ('text' in step) now = step.text(now);
      else {
        let changed = '';
        for (let at = 0; at < now.length; at++) changed += step.character(now.charAt(at));
        now = changed;
      }
    }
    return last ? last(now) : now;
  };
  const characters = compiled.flatMap((step) => ('character' in step ? [step.character] : []));
  const gone = compiled.flatMap((step) => ('without' in step && step.without ? [step.without] : []));
  if (characters.length === 0 && gone.length === 0) return { apply, never: () => [], sources: (set) => set };

  const becomes = new Uint16Array(0x10000);
  for (let code = 0; code <= 0xffff; code++)
    becomes[code] = characters.reduce((one, change) => change(one), String.fromCharCode(code)).charCodeAt(0);
  const unstable = becomes.findIndex((to) => becomes[to] !== to);
  if (unstable >= 0)
    throw refuse(
      steps.join(', '),
      `"${String.fromCharCode(unstable)}" would become another character each time`,
      'Order the steps so that a normalised text stays as it is.',
    );
  const removed = (code: number): boolean => gone.some((one) => one.test(String.fromCharCode(code)));
  return {
    apply,
    never: (set) => ranges((code) => within(set, code) && (becomes[code] !== code || removed(code))),
    sources: (set) => ranges((code) => within(set, becomes[code] ?? 0)),
  };
};
