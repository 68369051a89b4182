/**
 * A JSON answer with a long list of records in it, as bytes. All but the list is parsed at once; a record is made into text and
 * parsed when somebody looks at it. So a page of thousands of records stays one block of bytes, and what a record was made into
 * is gone as soon as it was used.
 */
import { type Json, parseJson } from './json.js';

type JsonObject = { [key: string]: Json };

/** The records of a list. One that is looked at twice is parsed twice. */
export class RecordTexts implements Iterable<JsonObject> {
  readonly #bytes: Buffer;
  readonly #found: Found;
  readonly #parse: (text: string) => Json;
  readonly #broken: (place: number) => Error;
  /** The last text that was asked for: whoever parses a record mostly wants its text too. */
  #last = { index: -1, text: '' };

  /** `broken`: what is thrown for a record that is no JSON; its place counts from 1. */
  constructor(bytes: Buffer, found: Found, broken: (place: number) => Error) {
    this.#bytes = bytes;
    this.#found = found;
    this.#parse = found.isPlain ? JSON.parse : parseJson;
    this.#broken = broken;
  }

  get length(): number {
    return this.#found.places.length / 2;
  }

  /** As it was sent: equal texts are equal records. */
  textAt(index: number): string {
    if (this.#last.index !== index) {
      const { places } = this.#found;
      this.#last = { index, text: this.#bytes.toString('utf8', places[2 * index], places[2 * index + 1]) };
    }
    return this.#last.text;
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

/** Undefined when it is no JSON, or there is no list of objects at the path (`data.items`; empty: the answer itself). */
export const openAnswer = (bytes: Buffer, path: string, broken: (place: number) => Error): OpenedAnswer | undefined => {
  const list = listAt(bytes, path === '' ? [] : path.split('.'));
  const found = list === undefined ? undefined : objectsIn(bytes, list + 1);
  if (list === undefined || found === undefined) return undefined;
  const body = parsed(bytes.toString('utf8', 0, list + 1) + bytes.toString('utf8', found.end));
  return body === undefined ? undefined : { body, records: new RecordTexts(bytes, found, broken) };
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

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** After white space. */
const skipped = (bytes: Buffer, from: number): number => {
  let at = from;
  while (isSpace(bytes[at])) at += 1;
  return at;
};

/** Where the list begins that the path leads to. */
const listAt = (bytes: Buffer, path: readonly string[]): number | undefined => {
  let at = skipped(bytes, 0);
  for (const part of path) {
    const value = memberAt(bytes, at, part);
    if (value === undefined) return undefined;
    at = value;
  }
  return bytes[at] === openArray ? at : undefined;
};

/** Where the value of an object's member begins. */
const memberAt = (bytes: Buffer, object: number, name: string): number | undefined => {
  if (bytes[object] !== openObject) return undefined;
  for (let at = object; ; ) {
    const key = skipped(bytes, at + 1);
    const keyEnd = bytes[key] === quote ? endOfString(bytes, key) : -1;
    const sign = keyEnd < 0 ? -1 : skipped(bytes, keyEnd);
    if (bytes[sign] !== colon) return undefined;
    const value = skipped(bytes, sign + 1);
    if (parsed(bytes.toString('utf8', key, keyEnd)) === name) return value;
    const end = endOfValue(bytes, value);
    at = end < 0 ? -1 : skipped(bytes, end);
    if (bytes[at] !== comma) return undefined;
  }
};

interface Found {
  /** Where each object begins and ends, in turn. */
  places: readonly number[];
  /** Where the list ends. */
  end: number;
  /** No number in it is longer than `JSON.parse` can take without loss. */
  isPlain: boolean;
}

/** Undefined when the list holds something else than objects, or has no end. */
const objectsIn = (bytes: Buffer, from: number): Found | undefined => {
  const places: number[] = [];
  let isPlain = true;
  const long = (): void => {
    isPlain = false;
  };
  let at = skipped(bytes, from);
  if (bytes[at] === closeArray) return { places, end: at, isPlain };
  for (;;) {
    if (bytes[at] !== openObject) return undefined;
    const end = endOfNested(bytes, at, long);
    if (end < 0) return undefined;
    places.push(at, end);
    at = skipped(bytes, end);
    if (bytes[at] === closeArray) return { places, end: at, isPlain };
    if (bytes[at] !== comma) return undefined;
    at = skipped(bytes, at + 1);
  }
};

/** Behind the closing quote; -1 when there is none. */
const endOfString = (bytes: Buffer, from: number): number => {
  for (let at = from + 1; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) return at + 1;
    if (byte === backslash) at += 1;
  }
  return -1;
};

const isDigitOrDot = (byte: number | undefined): boolean =>
  byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || byte === 0x2e);

/** Behind the bracket that closes the one at `from`; -1 when there is none. `long` is told of numbers with many digits or an exponent. */
const endOfNested = (bytes: Buffer, from: number, long: () => void): number => {
  let depth = 0;
  for (let at = from; at < bytes.length; ) {
    const byte = bytes[at];
    if (byte === quote) {
      at = endOfString(bytes, at);
      if (at < 0) return -1;
    } else if (isDigitOrDot(byte)) {
      const start = at;
      while (isDigitOrDot(bytes[at])) at += 1;
      if (at - start > 15 || bytes[at] === 0x65 || bytes[at] === 0x45) long();
    } else {
      at += 1;
      if (byte === openObject || byte === openArray) depth += 1;
      if (byte === closeObject || byte === closeArray) depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
};

/** -1 when there is none. */
const endOfValue = (bytes: Buffer, from: number): number => {
  const byte = bytes[from];
  if (byte === quote) return endOfString(bytes, from);
  if (byte === openObject || byte === openArray) return endOfNested(bytes, from, () => undefined);
  let at = from;
  while (at < bytes.length && !isSpace(bytes[at]) && bytes[at] !== comma && bytes[at] !== closeObject) at += 1;
  return at > from ? at : -1;
};
