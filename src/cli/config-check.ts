/** `config check`: every fault of the configuration at once, with its line. */

import { en } from '../messages/en.js';
import { readConfig } from './config.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { printJson, say } from './print.js';

export const checkConfig = async (options: GlobalOptions): Promise<number> => {
  const dir = configDirOf(options);
  const config = await readConfig(dir);
  if (options.json) printJson({ ok: true, dir, systems: Object.keys(config.hub.systems) });
  else say(en.configGood(dir));
  return 0;
};
