/** Which lot a text means to the hub: its number in canonical form, or the text by itself where no format reads it. */
import type { LotAttributes, SystemLotFormats } from '../lot/formats.js';

/** A text that no format reads is known by itself, and stays apart from every number that a format reads. */
export const lotKey = (lots: SystemLotFormats, text: string, attributes: LotAttributes): string =>
  lots.identityOf(text, attributes) ?? `${byText}${text}`;

const byText = 'text:';

export const isReadByFormat = (key: string): boolean => !key.startsWith(byText);
