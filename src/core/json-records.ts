/**
 * A JSON answer with a long list of records in it. All but the list is parsed at once; a record is parsed when somebody looks
 * at it. So a page of thousands of records stays one text, and what a record was made into is gone as soon as it was used.
 */
import { isPlain, type Json, parseJson } from './json.js';

type JsonObject = { [key: string]: Json };

/** The records of a list, as texts. A record that is looked at twice is parsed twice. */
export class RecordTexts implements Iterable<JsonObject> {
  readonly #text: string;
  /** Where each begins and ends, in turn. */
  readonly #places: readonly number[];
  readonly #parse: (text: string) => Json;
  readonly #broken: (place: number) => Error;

  /** `broken`: what is thrown for a record that is no JSON; its place counts from 1. */
  constructor(text: string, places: readonly number[], broken: (place: number) => Error) {
    this.#text = text;
    this.#places = places;
    this.#parse = isPlain(text) ? JSON.parse : parseJson;
    this.#broken = broken;
  }

  get length(): number {
    return this.#places.length / 2;
  }

  /** As it was sent: equal texts are equal records. */
  textAt(index: number): string {
    return this.#text.slice(this.#places[2 * index], this.#places[2 * index + 1]);
  }

  at(index: number): JsonObject | undefined {
    const place = index < 0 ? this.length + index : index;
    return place >= 0 && place < this.length ? this.#parsed(place) : undefined;
  }

  *[Symbol.iterator](): Iterator<JsonObject> {
    for (let index = 0; index < this.length; index += 1) yield this.#parsed(index);
  }

  #parsed(index: number): JsonObject {
    try {
      return this.#parse(this.textAt(index)) as JsonObject;
    } catch {
      throw this.#broken(index + 1);
    }
  }
}

export interface OpenedAnswer {
  /** The answer, with nothing in the list. */
  body: Json;
  records: RecordTexts;
}

/** Undefined when the text is no JSON, or there is no list of objects at the path (`data.items`; empty: the answer itself). */
export const openAnswer = (text: string, path: string, broken: (place: number) => Error): OpenedAnswer | undefined => {
  const list = listAt(text, path === '' ? [] : path.split('.'));
  const places = list === undefined ? undefined : placesIn(text, list + 1);
  if (list === undefined || places === undefined) return undefined;
  const body = parsed(text.slice(0, list + 1) + text.slice(places.end));
  return body === undefined ? undefined : { body, records: new RecordTexts(text, places.places, broken) };
};

const parsed = (text: string): Json | undefined => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openObject, closeObject, openArray, closeArray] = [0x7b, 0x7d, 0x5b, 0x5d];

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** After white space. */
const skipped = (text: string, from: number): number => {
  let at = from;
  for (let code = text.charCodeAt(at); isSpace(code); code = text.charCodeAt(at)) at += 1;
  return at;
};

/** Where the list begins that the path leads to. */
const listAt = (text: string, path: readonly string[]): number | undefined => {
  let at = skipped(text, 0);
  for (const part of path) {
    const value = memberAt(text, at, part);
    if (value === undefined) return undefined;
    at = value;
  }
  return text.charCodeAt(at) === openArray ? at : undefined;
};

/** Where the value of an object's member begins. */
const memberAt = (text: string, object: number, name: string): number | undefined => {
  if (text.charCodeAt(object) !== openObject) return undefined;
  for (let at = object; ; ) {
    const key = skipped(text, at + 1);
    const keyEnd = text.charCodeAt(key) === quote ? endOfString(text, key) : -1;
    const sign = keyEnd < 0 ? -1 : skipped(text, keyEnd);
    if (sign < 0 || text.charCodeAt(sign) !== colon) return undefined;
    const value = skipped(text, sign + 1);
    if (parsed(text.slice(key, keyEnd)) === name) return value;
    const end = endOfValue(text, value);
    at = end < 0 ? -1 : skipped(text, end);
    if (text.charCodeAt(at) !== comma) return undefined;
  }
};

/** An object without objects in it and without a backslash, which nearly every record is: found at one go. */
const simple = /\{(?:[^{}"]*"[^"\\]*")*[^{}"]*\}/y;

/** Where the objects of a list begin and end, and where the list does; undefined when it holds something else. */
const placesIn = (text: string, from: number): { places: number[]; end: number } | undefined => {
  const places: number[] = [];
  let isSimple = true;
  let at = skipped(text, from);
  if (text.charCodeAt(at) === closeArray) return { places, end: at };
  for (;;) {
    if (text.charCodeAt(at) !== openObject) return undefined;
    simple.lastIndex = at;
    isSimple = isSimple && simple.test(text);
    const end = isSimple ? simple.lastIndex : endOfNested(text, at);
    if (end < 0) return undefined;
    places.push(at, end);
    at = skipped(text, end);
    const sign = text.charCodeAt(at);
    if (sign === closeArray) return { places, end: at };
    if (sign !== comma) return undefined;
    at = skipped(text, at + 1);
  }
};

/** Behind the closing quote; -1 when there is none. */
const endOfString = (text: string, from: number): number => {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code === backslash) at += 1;
  }
  return -1;
};

/** Behind the bracket that closes the one at `from`; -1 when there is none. */
const endOfNested = (text: string, from: number): number => {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at) - 1;
      if (at < 0) return -1;
    } else if (code === openObject || code === openArray) depth += 1;
    else if (code === closeObject || code === closeArray) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
};

const endOfValue = (text: string, from: number): number => {
  const code = text.charCodeAt(from);
  if (code === quote) return endOfString(text, from);
  if (code === openObject || code === openArray) return endOfNested(text, from);
  const scalar = /[^\s,\]}]+/y;
  scalar.lastIndex = from;
  return scalar.test(text) ? scalar.lastIndex : -1;
};
