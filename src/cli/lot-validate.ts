/** `lot validate TEXT --system S`: whether a text is a lot number there; if not, which part is wrong and where. */
import { isFault, LotError } from '../core/lot/error.js';
import { en } from '../messages/en.js';
import { exitCode } from './exit.js';
import { attributesOf, type LotOptions, lotSystemOrRules } from './lot-systems.js';
import type { GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';

export interface ValidateOptions extends LotOptions {
  system: string;
}

export const lotValidate = async (options: GlobalOptions, text: string, command: ValidateOptions): Promise<number> => {
  const attributes = attributesOf(command);
  const lots = await lotSystemOrRules(options, command.system, text, attributes);
  if (lots.isDummy(text)) {
    const why = en.lot.dummy(text, lots.system);
    if (options.json) printJson({ text, system: lots.system, valid: false, dummy: true, why });
    else say(why);
    return exitCode.usage;
  }
  const parsed = lots.tryParse(text, attributes);
  if (isFault(parsed)) {
    const why = new LotError(text, parsed).message;
    if (options.json) printJson({ text, system: lots.system, valid: false, dummy: false, why, fault: parsed });
    else
      say(
        attributes.date === undefined && parsed.expected.startsWith('a record with a date')
          ? `${why}\n${en.lot.nameDate}`
          : why,
      );
    return exitCode.usage;
  }
  const parent = lots.parentOf(text, attributes);
  const { format, parts } = parsed;
  if (options.json)
    printJson({
      text,
      system: lots.system,
      valid: true,
      format,
      parts,
      attributes: parsed.attributes,
      normalised: parsed.text,
      ...(parent !== undefined && { partOf: parent }),
    });
  else {
    say(en.lot.valid(text, lots.system, format));
    if (parsed.text !== text) say(en.lot.readAs(parsed.text));
    if (parent !== undefined) say(en.lot.partOfLot(parent));
    printTable(en.lot.columns, Object.entries({ ...parts, ...parsed.attributes }));
  }
  return exitCode.agreed;
};
