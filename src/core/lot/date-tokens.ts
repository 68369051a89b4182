/**
 * How factories write a date into a lot number: calendar form (`yyyyMMdd`, `yyMMdd`, `ddMMyy`) or day of the year (`yyDDD`).
 */
export type DateToken = { kind: 'yyyy' | 'yy' | 'y' | 'MM' | 'dd' | 'DDD' } | { kind: 'literal'; text: string };

/** Undefined when the text is not a date form, or does not name exactly one day. */
export const dateTokens = (text: string): DateToken[] | undefined => {
  const tokens: DateToken[] = [];
  const seen: string[] = [];
  let rest = text;
  while (rest !== '') {
    const match = /^(yyyy|yy|y|MM|dd|DDD)|^[-./]/.exec(rest);
    if (!match) return undefined;
    const word = match[0];
    rest = rest.slice(word.length);
    switch (word) {
      case 'yyyy':
      case 'yy':
      case 'y':
      case 'MM':
      case 'dd':
      case 'DDD':
        tokens.push({ kind: word });
        seen.push(word.charAt(0));
        break;
      default:
        tokens.push({ kind: 'literal', text: word });
    }
  }
  const fields = seen.sort().join('');
  return fields === 'Mdy' || fields === 'Dy' ? tokens : undefined;
};

/** Length of the text of one token. */
export const tokenWidth = (token: DateToken): number =>
  token.kind === 'literal' ? token.text.length : token.kind.length;
