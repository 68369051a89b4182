/** `config check`: every fault of the configuration at once, with its line. Secrets are not used: a missing one is only named. */
import { en } from '../messages/en.js';
import { readConfig } from './config.js';
import { commandFor, configDirOf, type GlobalOptions } from './options.js';
import { printJson, say } from './print.js';

export const checkConfig = async (options: GlobalOptions): Promise<number> => {
  const dir = configDirOf(options);
  const { hub, missingSecrets } = await readConfig(dir, 'leave');
  const names = (part: Record<string, unknown> = {}): string[] => Object.keys(part);
  const systems = names(hub.systems);
  if (options.json) printJson({ ok: true, dir, systems, missingSecrets });
  else {
    const { flows, jobs, schedules } = hub;
    const parts = { systems, flows: names(flows), jobs: names(jobs), schedules: names(schedules) };
    say(en.configGood(dir, parts, missingSecrets));
    say(`\n${en.configNext(commandFor(options, 'check'))}`);
  }
  return 0;
};
