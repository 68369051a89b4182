/** What a resource path addresses: service, entity set, key predicate, navigation. */
import { ODataError } from './odata-error.js';

export interface Address {
  service: string;
  segments: { name: string; key?: Record<string, string> }[];
}

export const root = '/sap/opu/odata/sap/';

export const parseAddress = (path: string): Address => {
  const [service = '', ...rest] = splitOutsideQuotes(path.slice(root.length), '/');
  return { service: service.split(';')[0] ?? '', segments: rest.filter((one) => one !== '').map(segment) };
};

const segment = (raw: string): { name: string; key?: Record<string, string> } => {
  const text = decodeURIComponent(raw);
  const match = /^([^(]+)(?:\((.*)\))?$/s.exec(text);
  if (!match?.[1]) throw new ODataError(400, '/IWBEP/CM_MGW_RT/002', `Malformed URI segment '${text}'`);
  return match[2] === undefined ? { name: match[1] } : { name: match[1], key: keyOf(match[2]) };
};

/** `'X'` gives `{'': 'X'}`; `A='X',B=''` gives the named values. */
const keyOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    splitOutsideQuotes(text, ',').map((part) => {
      const match = /^\s*(?:([\w]+)=)?(?:[a-z]*)'(.*)'\s*$/s.exec(part);
      if (!match) throw new ODataError(400, '/IWBEP/CM_MGW_RT/002', `Malformed key predicate '${text}'`);
      return [match[1] ?? '', (match[2] ?? '').replaceAll("''", "'")];
    }),
  );

const splitOutsideQuotes = (text: string, separator: string): string[] => {
  const parts = [''];
  let quoted = false;
  for (const character of text.replaceAll('%27', "'")) {
    if (character === "'") quoted = !quoted;
    if (character === separator && !quoted) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
};
