/**
 * JSON without loss. `JSON.parse` is exact for number tokens of at most 15 digits (shortest round trip); text that holds
 * a longer one (19-digit ids, decimals with many places) goes through a lossless parser, which gives such numbers as text.
 */
import { parse } from 'lossless-json';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const longNumber = /[:[,\s]-?(?=[0-9.]{16})[0-9]*\.?[0-9]+/;
/** `1e400` would be Infinity, `1e-400` nothing. */
const hugeExponent = /\d[eE][+-]?\d{3}/;
const isLossy = (token: string): boolean => digits(token) > 15 || /[eE][+-]?\d{3}/.test(token);
const digits = (token: string): number =>
  token
    .replace(/[eE].*$/, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+/, '').length;

/**
 * Whether sixteen digits and dots follow each other anywhere. Of sixteen places one is looked at, because nearly no text
 * has so many.
 */
const holdsLongRun = (text: string): boolean => {
  const isDigit = (at: number): boolean => {
    const code = text.charCodeAt(at);
    return (code >= 0x30 && code <= 0x39) || code === 0x2e;
  };
  for (let at = 15; at < text.length; at += 16) {
    if (!isDigit(at)) continue;
    let [from, to] = [at, at + 1];
    while (isDigit(from - 1)) from -= 1;
    while (isDigit(to)) to += 1;
    if (to - from >= 16) return true;
  }
  return false;
};

/** @throws SyntaxError when the text is not JSON */
export const parseJson = (text: string): Json =>
  (holdsLongRun(text) && longNumber.test(text)) || hugeExponent.test(text)
    ? (parse(text, undefined, { parseNumber: (token) => (isLossy(token) ? token : Number(token)) }) as Json)
    : (JSON.parse(text) as Json);
