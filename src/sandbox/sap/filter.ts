/** The $filter language of OData V2: parsed by recursive descent into a predicate on rows. */
import { Big } from 'big.js';
import type { Term } from '../selections.js';
import type { EntitySet, Row, Value } from './edm.js';
import { ODataError } from './odata-error.js';

type Operand = { type: string; get(row: Row): Value };
type Predicate = (row: Row) => boolean;
export interface Condition extends Term<Row> {
  /** The property of which this is a lower bound, if it is one: `Product gt '100'`. */
  above?: string;
}

const pattern =
  /\s*(datetimeoffset'[^']*'|datetime'[^']*'|time'[^']*'|guid'[^']*'|'(?:[^']|'')*'|-?\d+(?:\.\d+)?[mMdDfFlL]?|[A-Za-z_][\w/]*|[(),])/y;

const bad = (text: string): ODataError =>
  new ODataError(400, '/IWCOR/CX_OD_EXPR_PARSE_ERR/005056A509B11EE1B9A8FEC11C21578E', `Invalid filter: ${text}`);

const tokens = (text: string): string[] => {
  const found: string[] = [];
  pattern.lastIndex = 0;
  while (text.slice(pattern.lastIndex).trim() !== '') {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match?.[1]) throw bad(text.slice(at));
    found.push(match[1]);
  }
  return found;
};

/** The conditions of which all must hold. */
export const parseFilter = (text: string, set: EntitySet): Condition[] => {
  const list = tokens(text);
  let at = 0;
  const peek = () => list[at];
  const take = (expected?: string): string => {
    const token = list[at++];
    if (token === undefined || (expected !== undefined && token !== expected)) throw bad(text);
    return token;
  };

  const literal = (token: string): Operand | undefined => {
    const constant = (type: string, value: Value): Operand => ({ type, get: () => value });
    const quoted = /^([a-z]*)'(.*)'$/s.exec(token);
    if (quoted) {
      const inside = (quoted[2] ?? '').replaceAll("''", "'");
      if (quoted[1] === 'datetime') return constant('DateTime', millis(`${inside}Z`, token));
      if (quoted[1] === 'datetimeoffset') return constant('DateTimeOffset', millis(inside, token));
      if (quoted[1] === 'time') return constant('Time', inside);
      return constant('String', inside);
    }
    if (token === 'true' || token === 'false') return constant('Boolean', token === 'true');
    if (token === 'null') return constant('null', null);
    if (/^-?\d/.test(token)) return constant('Decimal', token.replace(/[mMdDfFlL]$/, ''));
    return undefined;
  };

  const operand = (): Operand => {
    const token = take();
    const constant = literal(token);
    if (constant) return constant;
    const type = set.properties[token];
    if (!type) {
      throw new ODataError(
        400,
        '/IWBEP/CM_MGW_RT/005056A509B11EE1B9A8FEA8DE87F78E',
        `Property ${token} not found in type ${set.type}`,
      );
    }
    return { type, get: (row) => row[token] ?? null };
  };

  const texts: Record<string, (a: string, b: string) => boolean> = {
    substringof: (a, b) => b.includes(a),
    startswith: (a, b) => a.startsWith(b),
    endswith: (a, b) => a.endsWith(b),
  };

  const comparison = (): Predicate => {
    const call = texts[peek() ?? ''];
    if (call && list[at + 1] === '(') {
      at += 2;
      const left = operand();
      take(',');
      const right = operand();
      take(')');
      if (['eq'].includes(peek() ?? '')) {
        take();
        const wanted = take() === 'true';
        return (row) => call(String(left.get(row)), String(right.get(row))) === wanted;
      }
      return (row) => call(String(left.get(row)), String(right.get(row)));
    }
    const left = operand();
    const operator = take();
    const right = operand();
    if (left.type !== right.type && left.type !== 'null' && right.type !== 'null') throw bad(text);
    const order = comparer(left.type);
    const test = operators[operator];
    if (!test) throw bad(text);
    return (row) => {
      const [a, b] = [left.get(row), right.get(row)];
      if (a === null || b === null) return operator === 'eq' ? a === b : operator === 'ne' ? a !== b : false;
      return test(order(a, b));
    };
  };

  const unary = (): Predicate => {
    if (peek() === 'not') {
      take();
      const inner = unary();
      return (row) => !inner(row);
    }
    if (peek() === '(') {
      take();
      const inner = or();
      take(')');
      return inner;
    }
    return comparison();
  };
  const and = (): Predicate => {
    const parts = [unary()];
    while (peek() === 'and') {
      take();
      parts.push(unary());
    }
    return (row) => parts.every((part) => part(row));
  };
  const or = (): Predicate => {
    const parts = [and()];
    while (peek() === 'or') {
      take();
      parts.push(and());
    }
    return (row) => parts.some((part) => part(row));
  };

  const condition = (): Condition => {
    const from = at;
    const holds = unary();
    const words = list.slice(from, at);
    const [name = '', operator = '', value = ''] = words;
    const bounds = words.length === 3 && (operator === 'gt' || operator === 'ge') && name in set.properties;
    return { text: words.join(' '), holds, ...(bounds && literal(value) && { above: name }) };
  };
  const all = (): Condition[] => {
    const first = [condition()];
    while (peek() === 'and') {
      take();
      first.push(condition());
    }
    if (peek() !== 'or') return first;
    const parts: Predicate[] = [(row) => first.every(({ holds }) => holds(row))];
    while (peek() === 'or') {
      take();
      parts.push(and());
    }
    return [{ text, holds: (row) => parts.some((part) => part(row)) }];
  };

  const whole = all();
  if (at < list.length) throw bad(text);
  return whole;
};

const operators: Record<string, (order: number) => boolean> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};

const millis = (text: string, token: string): number => {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw bad(token);
  return at;
};

export const comparer = (type: string): ((a: Value, b: Value) => number) =>
  type === 'Decimal'
    ? (a, b) => new Big(String(a)).cmp(new Big(String(b)))
    : (a, b) => (a === b ? 0 : a === null ? -1 : b === null ? 1 : a < b ? -1 : 1);
