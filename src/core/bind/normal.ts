/** Texts as they are compared when people wrote them: half-width, without case, blanks and dashes of any kind. */
export const plainText = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}\p{S}]+/gu, '');

/** Numeric codes without leading zeros, like SAP shows them. */
export const plainCode = (code: string): string => plainText(code).replace(/^0+(?=\d+$)/, '');

/** All lengths of a GTIN as 14 digits; empty for anything else, and for the zeros that stand for none. */
export const plainGtin = (gtin: string): string =>
  /^\d{8}$|^\d{12,14}$/.test(gtin) && /[1-9]/.test(gtin) ? gtin.padStart(14, '0') : '';
