/** How a system spells numbers, days, and yes or no, said by example in the mapping file: read, and written the same way. */
import type { Json } from '../json.js';
import { day, refuse, type TransformContext } from './instant.js';

type Spelt = (value: string, context: TransformContext) => Json;

export const decimal = (value: string): string => {
  const text = value.trim();
  const match = /^(-?)([0-9]+(?:\.[0-9]+)?)(-?)$/.exec(text);
  if (!match?.[2] || (match[1] === '-' && match[3] === '-'))
    return refuse('decimal', value, 'a decimal number like 12.500');
  const negative = (match[1] === '-' || match[3] === '-') && /[1-9]/.test(match[2]);
  return negative ? `-${match[2]}` : match[2];
};

interface NumberForm {
  grouping: string | undefined;
  point: string | undefined;
}

/** `1,234.50`: a comma between thousands, a point before the decimals. */
const numberForm = (example: string): NumberForm | undefined => {
  const [, grouping, point] = /^1(?:([.,' ])234|234)(?:([.,])[0-9]+)?$/.exec(example) ?? [];
  return (grouping === undefined && point === undefined) || grouping === point ? undefined : { grouping, point };
};

/** Thousands need not be marked, but nowhere else. */
export const readNumber = (example: string): Spelt | undefined => {
  const spelt = numberForm(example);
  if (!spelt) return undefined;
  const { grouping, point } = spelt;
  const group = grouping === undefined ? '' : `\\${grouping}`;
  const whole = group === '' ? '[0-9]+' : `(?:[0-9]{1,3}(?:${group}[0-9]{3})+|[0-9]+)`;
  const form = new RegExp(`^-?${whole}(?:${point === undefined ? '(?!)' : `\\${point}`}[0-9]+)?-?$`);
  return (value) => {
    const text = value.trim();
    if (!form.test(text)) return refuse('decimal', value, `a number written like ${example}`);
    const plainText = grouping === undefined ? text : text.replaceAll(grouping, '');
    return decimal(point === undefined ? plainText : plainText.replace(point, '.'));
  };
};

export const writeNumber = (example: string): Spelt | undefined => {
  const spelt = numberForm(example);
  if (!spelt) return undefined;
  const { grouping, point } = spelt;
  return (value) => {
    const [whole = '', fraction] = decimal(value).split('.');
    if (fraction !== undefined && point === undefined)
      return refuse('asDecimal', value, `a number that can be written like ${example}`);
    const marked = grouping === undefined ? whole : whole.replace(/(?<=[0-9])(?=(?:[0-9]{3})+$)/g, grouping);
    return fraction === undefined ? marked : `${marked}${point}${fraction}`;
  };
};

const dayTokens = /yyyy|yy|MM|dd|M|d/g;
const digitsOf: Readonly<Record<string, string>> = {
  yyyy: '(?<y>[0-9]{4})',
  yy: '(?<y>[0-9]{2})',
  MM: '(?<m>[0-9]{2})',
  dd: '(?<d>[0-9]{2})',
  M: '(?<m>[0-9]{1,2})',
  d: '(?<d>[0-9]{1,2})',
};

/** Year, month and day stand in it once each. */
const isDayForm = (form: string): boolean =>
  (form.match(dayTokens) ?? [])
    .map((token) => token[0])
    .sort()
    .join('') === 'Mdy';

export const readDay = (form: string): Spelt | undefined => {
  if (!isDayForm(form)) return undefined;
  const pattern = form.replace(
    new RegExp(`${dayTokens.source}|[^A-Za-z0-9]`, 'g'),
    (token) => digitsOf[token] ?? `\\${token}`,
  );
  const expression = new RegExp(`^${pattern}$`);
  return (value) => {
    const { y = '', m = '', d = '' } = expression.exec(value.trim())?.groups ?? {};
    if (y === '') return refuse('day', value, `a day written ${form}`);
    return day('day', `${y.length === 2 ? `20${y}` : y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`, value);
  };
};

export const writeDay = (form: string): Spelt | undefined => {
  if (!isDayForm(form)) return undefined;
  return (value) => {
    const [yyyy = '', MM = '', dd = ''] = day('asDay', value, value).split('-');
    if (!form.includes('yyyy') && !yyyy.startsWith('20'))
      return refuse('asDay', value, `a day of this century, to be written ${form}`);
    const parts: Readonly<Record<string, string>> = {
      ...{ yyyy, MM, dd },
      ...{ yy: yyyy.slice(2), M: String(Number(MM)), d: String(Number(dd)) },
    };
    return form.replace(dayTokens, (token) => parts[token] ?? token);
  };
};

const wordsIn = (argument: string): { yes: string; no: string } | undefined => {
  const [yes, no, ...more] = argument.split('/');
  return yes === undefined || no === undefined || yes === no || more.length > 0 ? undefined : { yes, no };
};

const either = (one: string, other: string): string => `${one} or ${other === '' ? 'blank' : other}`;

export const readYesNo = (argument: string): Spelt | undefined => {
  const words = wordsIn(argument);
  if (!words) return undefined;
  const { yes, no } = words;
  return (value) => {
    const word = value.trim();
    return word === yes ? true : word === no ? false : refuse('yesNo', value, either(yes, no));
  };
};

export const writeYesNo = (argument: string): Spelt | undefined => {
  const words = wordsIn(argument);
  if (!words) return undefined;
  const { yes, no } = words;
  return (value) => (value === 'true' ? yes : value === 'false' ? no : refuse('asYesNo', value, 'true or false'));
};
