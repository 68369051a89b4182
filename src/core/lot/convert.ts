/**
 * Rewrites a lot number from one system's spelling into another's: read with the first, write with the same-named format
 * of the second. What does not survive is refused with the reason; nothing is guessed.
 */
import { isFault, LotError } from './error.js';
import type { LotAttributes, SystemLotFormats } from './formats.js';

export type Conversion = { ok: true; text: string; format: string } | { ok: false; code: string; reason: string };

/** Equal numbers of two plants or orgs would become one lot: the target neither has scopes nor repeats it in the number. */
export const losesScope = (format: string, from: SystemLotFormats, to: SystemLotFormats): boolean => {
  const own = from.settings.scope ?? 'none';
  if (own === 'none' || (to.settings.scope ?? 'none') !== 'none') return false;
  const target = to.formats.get(format);
  return !target?.alternatives.every(({ pattern }) =>
    pattern.parts.some(
      ({ name, groups }) => groups.length === 0 && ['scope', own].includes(target.declared[name] ?? ''),
    ),
  );
};

const refused = (code: string, reason: string): Conversion => ({ ok: false, code, reason });

export const convertLot = (
  text: string,
  from: SystemLotFormats,
  to: SystemLotFormats,
  attributes: LotAttributes = {},
): Conversion => {
  if (from.isDummy(text)) return refused('lot.dummy', `"${text}" is no lot in ${from.system}`);
  const parsed = from.tryParse(text, attributes);
  if (isFault(parsed)) return refused(parsed.code, new LotError(text, parsed).message);
  if (!to.names.includes(parsed.format))
    return parsed.partOf
      ? refused(
          'lot.part-of',
          `${text} is a part of a lot of format ${parsed.partOf.format}; ${to.system} keeps no such parts`,
        )
      : refused('lot.no-format', `${to.system} has no lot format ${parsed.format}`);
  if (losesScope(parsed.format, from, to))
    return refused(
      'lot.scope-lost',
      `${text} can be two lots in ${from.system}, in two ${from.settings.scope ?? ''}s; ${to.system} cannot keep them apart`,
    );
  const written = to.tryRender(parsed.format, parsed.parts, { ...attributes, ...parsed.attributes });
  if (isFault(written)) return refused(written.code, `${text} does not fit ${to.system}: ${written.expected}`);
  if (to.isDummy(written.text))
    return refused('lot.dummy', `${text} would become "${written.text}", which is no lot in ${to.system}`);
  return { ok: true, text: written.text, format: parsed.format };
};
