/** The YAML library's errors, said so that somebody who is not a programmer can put the file right. */
import type { Document, ErrorCode } from 'yaml';
import type { Position, Problem } from './problems.js';

const known: Partial<Record<ErrorCode, [message: string, fix: string]>> = {
  TAB_AS_INDENT: ['a tab is used to indent', 'indent with spaces, two a level'],
  BAD_INDENT: [
    'the indentation does not fit the lines above, or a bracket there is not closed',
    'indent with two spaces a level, lists included',
  ],
  BLOCK_AS_IMPLICIT_KEY: ['a second `key: value` in one line', 'start a new line, or put the text in quotes'],
  MULTILINE_IMPLICIT_KEY: ['a key runs over several lines, or its `:` is missing', 'write `key: value` in one line'],
  NON_STRING_KEY: ['a key is not text', 'write `key: value`'],
  MISSING_CHAR: ['a closing quote, bracket or brace is missing', 'close it in the same line'],
  BAD_SCALAR_START: ['text cannot start with this character', "put the text in quotes: '…'"],
  BAD_DQ_ESCAPE: ['unknown escape in double quotes', "use single quotes: '…'"],
  BAD_DIRECTIVE: ['unknown `%` directive', 'remove the line'],
};

export const tooDeep: [message: string, fix: string] = [
  'the file is nested too deep',
  'a mapping needs a handful of levels: look for a bracket or brace that repeats',
];

export const explainSyntax = (document: Document.Parsed, at: (offset: number) => Position): Problem[] => {
  // `%YAML 1.1` would bring back `NO` = false.
  const version = document.directives?.yaml.explicit
    ? [{ ...at(0), message: 'a `%YAML` directive', fix: 'remove the line; files are YAML 1.2' }]
    : [];
  const errors = [...document.errors, ...document.warnings.filter(({ code }) => code !== 'TAG_RESOLVE_FAILED')];
  return [
    ...version,
    ...errors.map(({ code, message, pos }) => {
      const [what, fix] = (message.includes('call stack') ? tooDeep : known[code]) ?? [
        message.replace(/\s+/g, ' '),
        'see the YAML rules in docs/hub-yaml.md',
      ];
      return { ...at(pos[0]), message: what, fix };
    }),
  ];
};
