/**
 * FilterString as K3Cloud hands it to SQL Server: a small T-SQL condition over field keys, or the same as an array.
 * Text compares without regard to case, as the usual collation does.
 */
import Big from 'big.js';
import type { Json } from '../../core/json.js';
import type { Term } from '../selections.js';
import { isObject, KingdeeRefusal, MsgCode, member, text } from './wire.js';

/** What a field holds for a row: text, decimal text, date text, or nothing. */
export type Value = string | boolean | null;
export type FieldKind = 'text' | 'number' | 'date' | 'bool';
/** How to read a field; unknown keys throw the vendor's refusal. */
export type Resolve<Row> = (key: string) => { kind: FieldKind; get(row: Row): Value };
type Predicate<Row> = (row: Row) => boolean;
export interface Condition<Row> extends Term<Row> {
  /**
   * The fields in whose order it begins to hold at one place, if there are such: one for `FID > 1`, two for
   * `(FModifyDate > 'a' or (FModifyDate = 'a' and FID > 1))`.
   */
  above: string[];
}

interface Token {
  type: 'name' | 'string' | 'number' | 'op';
  text: string;
}

const wrong = (what: string): KingdeeRefusal => new KingdeeRefusal(MsgCode.exception, `过滤条件不正确：${what}`);

const tokenPattern =
  /\s+|[Nn]?'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)(?![\w])|([A-Za-z_][\w]*(?:\.[A-Za-z_][\w]*)*)|(<>|!=|>=|<=|[=<>(),])/y;

const tokenize = (source: string): Token[] => {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < source.length) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(source);
    if (match === null) throw wrong(`“${source.slice(at, at + 10)}”附近有语法错误`);
    if (match[1] !== undefined) tokens.push({ type: 'string', text: match[1].replaceAll("''", "'") });
    else if (match[2] !== undefined) tokens.push({ type: 'number', text: match[2] });
    else if (match[3] !== undefined) tokens.push({ type: 'name', text: match[3] });
    else if (match[4] !== undefined) tokens.push({ type: 'op', text: match[4] });
  }
  return tokens;
};

/** `2026-11-22`, `2026-11-22 10:00:00`, `2026-11-22T10:00:00.123` → one comparable form. */
export const comparableDate = (value: string): string => {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(\.\d+)?)?$/.exec(value.trim());
  if (match === null) throw wrong(`从字符串“${value}”转换日期失败`);
  const time = match[2] ?? '00:00:00';
  return `${match[1]}T${time.length === 5 ? `${time}:00` : time}.${(match[3] ?? '.').slice(1, 4).padEnd(3, '0')}`;
};

const asBool = (value: Value): boolean => value === true || value === '1' || value === 'true';

/** Order of two values of a field. */
export const compare = (kind: FieldKind, a: Value, b: Value): number => {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (kind === 'bool') return Number(asBool(a)) - Number(asBool(b));
  if (kind === 'number') {
    try {
      return new Big(String(a)).cmp(String(b));
    } catch {
      throw wrong(`将“${String(b)}”转换为数值失败`);
    }
  }
  const [x, y] =
    kind === 'date'
      ? [comparableDate(String(a)), comparableDate(String(b))]
      : [String(a).toLowerCase(), String(b).toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
};

/** SQL Server's LIKE: `%`, `_`, and `[x]` for the character itself or a set. */
const likePattern = (pattern: string): RegExp => {
  let source = '';
  for (let i = 0; i < pattern.length; i += 1) {
    const c = pattern[i] ?? '';
    const close = c === '[' ? pattern.indexOf(']', i + 2) : -1;
    if (close > 0) {
      source += `[${pattern.slice(i + 1, close).replace(/[\\\][]/g, '\\$&')}]`;
      i = close;
    } else source += c === '%' ? '.*' : c === '_' ? '.' : c.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  }
  return new RegExp(`^${source}$`, 'isu');
};

const textOf = (tokens: Token[]): string => JSON.stringify(tokens.map(({ type, text }) => [type, text]));

/** The fields of a lower bound in the forms in which clients page; none for anything else. */
const boundOf = (tokens: Token[]): string[] => {
  const shape = tokens
    .map(({ type, text }) => (type === 'string' || type === 'number' ? '?' : type === 'op' ? text : text.toLowerCase()))
    .join(' ');
  const [, one] = /^(\S+) >=? \?$/.exec(shape) ?? [];
  if (one !== undefined) return [one];
  const [, first, again, second] = /^\( (\S+) > \? or \( (\S+) = \? and (\S+) > \? \) \)$/.exec(shape) ?? [];
  const [above, equal] = tokens.filter(({ type }) => type === 'string' || type === 'number');
  if (first === undefined || second === undefined || first !== again || above?.text !== equal?.text) return [];
  return [first, second];
};

const comparisons: Record<string, (order: number) => boolean> = {
  '=': (o) => o === 0,
  '<>': (o) => o !== 0,
  '!=': (o) => o !== 0,
  '>': (o) => o > 0,
  '>=': (o) => o >= 0,
  '<': (o) => o < 0,
  '<=': (o) => o <= 0,
};

class Parser<Row> {
  #at = 0;

  constructor(
    readonly tokens: Token[],
    readonly resolve: Resolve<Row>,
    readonly now: () => string,
  ) {}

  parse(): Condition<Row>[] {
    const conditions = this.#all();
    if (this.#at < this.tokens.length) throw wrong(`“${this.tokens[this.#at]?.text ?? ''}”附近有语法错误`);
    return conditions;
  }

  /** What must hold together; a filter of alternatives is one condition. */
  #all(): Condition<Row>[] {
    const first = [this.#one()];
    while (this.#word('and')) first.push(this.#one());
    if (!this.#word('or')) return first;
    const parts: Predicate<Row>[] = [(row) => first.every(({ holds }) => holds(row)), this.#and()];
    while (this.#word('or')) parts.push(this.#and());
    return [{ text: textOf(this.tokens), holds: (row) => parts.some((part) => part(row)), above: [] }];
  }

  #one(): Condition<Row> {
    const from = this.#at;
    const holds = this.#not();
    const tokens = this.tokens.slice(from, this.#at);
    return { text: textOf(tokens), holds, above: boundOf(tokens) };
  }

  #word(...words: string[]): boolean {
    for (const [i, word] of words.entries()) {
      const token = this.tokens[this.#at + i];
      if (token === undefined || token.type === 'string' || token.text.toLowerCase() !== word) return false;
    }
    this.#at += words.length;
    return true;
  }

  #expect(word: string): void {
    if (!this.#word(word)) throw wrong(`缺少“${word}”`);
  }

  #or(): Predicate<Row> {
    const parts = [this.#and()];
    while (this.#word('or')) parts.push(this.#and());
    return (row) => parts.some((part) => part(row));
  }

  #and(): Predicate<Row> {
    const parts = [this.#not()];
    while (this.#word('and')) parts.push(this.#not());
    return (row) => parts.every((part) => part(row));
  }

  #not(): Predicate<Row> {
    if (this.#word('not')) {
      const inner = this.#not();
      return (row) => !inner(row);
    }
    if (this.#word('(')) {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    return this.#condition();
  }

  #condition(): Predicate<Row> {
    const first = this.tokens[this.#at];
    if (first?.type === 'number') {
      // The usual `1=1`.
      this.#at += 1;
      const op = this.#operator();
      const right = this.#value();
      const holds = op(compare('number', first.text, right));
      return () => holds;
    }
    if (first?.type !== 'name') throw wrong(`“${first?.text ?? ''}”附近有语法错误`);
    this.#at += 1;
    const field = this.resolve(first.text);
    if (this.#word('is', 'not', 'null')) return (row) => field.get(row) !== null;
    if (this.#word('is', 'null')) return (row) => field.get(row) === null;
    const negated = this.#word('not');
    if (this.#word('like')) {
      const pattern = likePattern(this.#value());
      return (row) => {
        const value = field.get(row);
        return value !== null && pattern.test(String(value)) !== negated;
      };
    }
    if (this.#word('in')) {
      this.#expect('(');
      const values = [this.#value()];
      while (this.#word(',')) values.push(this.#value());
      this.#expect(')');
      const words = field.kind === 'text' ? new Set(values.map((value) => value.toLowerCase())) : undefined;
      return (row) => {
        const value = field.get(row);
        if (value === null) return false;
        const among = words
          ? words.has(String(value).toLowerCase())
          : values.some((one) => compare(field.kind, value, one) === 0);
        return among !== negated;
      };
    }
    if (this.#word('between')) {
      const low = this.#value();
      this.#expect('and');
      const high = this.#value();
      return (row) => {
        const value = field.get(row);
        const within = compare(field.kind, value, low) >= 0 && compare(field.kind, value, high) <= 0;
        return value !== null && within !== negated;
      };
    }
    const op = this.#operator();
    const right = this.#value();
    return (row) => {
      const value = field.get(row);
      return value !== null && op(compare(field.kind, value, right));
    };
  }

  #operator(): (order: number) => boolean {
    const token = this.tokens[this.#at];
    const op = token?.type === 'op' ? comparisons[token.text] : undefined;
    if (op === undefined) throw wrong(`“${token?.text ?? ''}”附近有语法错误`);
    this.#at += 1;
    return op;
  }

  #value(): string {
    const token = this.tokens[this.#at];
    this.#at += 1;
    if (token?.type === 'string' || token?.type === 'number') return token.text;
    const name = token?.type === 'name' ? token.text.toLowerCase() : '';
    if (name === 'getdate') {
      this.#expect('(');
      this.#expect(')');
      return this.now();
    }
    if (name === 'dateadd') {
      this.#expect('(');
      const unit = this.tokens[this.#at]?.text.toLowerCase() ?? '';
      this.#at += 1;
      this.#expect(',');
      const amount = Number(this.#value());
      this.#expect(',');
      const from = Date.parse(`${comparableDate(this.#value())}Z`);
      this.#expect(')');
      const ms: Record<string, number> = {
        second: 1e3,
        minute: 6e4,
        mi: 6e4,
        hour: 36e5,
        hh: 36e5,
        day: 864e5,
        dd: 864e5,
      };
      const step = ms[unit];
      if (step === undefined || Number.isNaN(amount)) throw wrong(`DATEADD ${unit}`);
      return new Date(from + amount * step).toISOString().slice(0, 23);
    }
    throw wrong(`“${token?.text ?? ''}”附近有语法错误`);
  }
}

const arrayOperators: Record<string, string> = {
  statusequalto: '=',
  equal: '=',
  '67': '=',
  '=': '=',
  '<>': '<>',
  '>': '>',
  '>=': '>=',
  '<': '<',
  '<=': '<=',
};

/** `[{Left, FieldName, Compare, Value, Right, Logic}]` as the text it stands for. */
const fromArray = (list: Json[]): string =>
  list
    .map((item, i) => {
      if (!isObject(item)) throw wrong('数组元素不是对象');
      const op = arrayOperators[text(member(item, 'Compare')).toLowerCase()];
      if (op === undefined) throw wrong(`比较符“${text(member(item, 'Compare'))}”`);
      const logic =
        i < list.length - 1
          ? ` ${text(member(item, 'Logic')) === '1' ? 'or' : text(member(item, 'Logic')) || 'and'} `
          : '';
      const value = text(member(item, 'Value')).replaceAll("'", "''");
      const [left, name, right] = [
        text(member(item, 'Left')),
        text(member(item, 'FieldName')),
        text(member(item, 'Right')),
      ];
      return `${left}${name}${op}'${value}'${right}${logic}`;
    })
    .join('');

export const parseFilter = <Row>(
  source: Json | undefined,
  resolve: Resolve<Row>,
  now: () => string,
): Condition<Row>[] => {
  const condition = Array.isArray(source) ? fromArray(source) : text(source);
  if (condition.trim() === '') return [];
  return new Parser(tokenize(condition), resolve, now).parse();
};
