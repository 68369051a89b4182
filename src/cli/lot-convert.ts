/** `lot convert TEXT --from A --to B`: one number in another system's spelling, with what is proved of all its like. */
import { explainConversion } from '../core/lot/explain.js';
import { en } from '../messages/en.js';
import { exitCode } from './exit.js';
import { attributesOf, type LotOptions, lotSystem, lotSystems } from './lot-systems.js';
import type { GlobalOptions } from './options.js';
import { printJson, say } from './print.js';

export interface ConvertOptions extends LotOptions {
  from: string;
  to: string;
}

export const lotConvert = async (options: GlobalOptions, text: string, command: ConvertOptions): Promise<number> => {
  const systems = await lotSystems(options);
  const [from, to] = [lotSystem(systems, command.from), lotSystem(systems, command.to)];
  const answer = explainConversion(text, from, to, attributesOf(command));
  if (options.json) printJson(answer);
  else if (answer.text === null) {
    say(en.lot.notConverted(text, to.system, answer.verdict, answer.why));
    if (answer.partOf !== undefined) say(en.lot.whole(answer.partOf));
  } else say(en.lot.converted(answer.text, to.system, answer.verdict));
  return answer.source.format === '' && answer.verdict !== 'refused' ? exitCode.usage : exitCode.agreed;
};
