/** `lot resolve [TEXT]`: which lots a scanned text can be, in which system, or why it is none; without TEXT, scan after scan. */
import { createInterface } from 'node:readline';
import { describeError, LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import { exitCode } from './exit.js';
import { lotSystem, lotSystems } from './lot-systems.js';
import type { GlobalOptions } from './options.js';
import { printJson, say } from './print.js';
import { progress } from './progress.js';
import { answerScan, asJson, type ScanOptions, showScan } from './scan-answer.js';
import { withStore } from './store.js';

export const lotResolve = async (
  options: GlobalOptions,
  raw: string | undefined,
  command: ScanOptions,
): Promise<number> => {
  const all = await lotSystems(options);
  const asked = command.system === undefined ? [...all.values()] : [lotSystem(all, command.system)];
  return withStore(options, async (pool) => {
    if (raw !== undefined) {
      const answer = await answerScan(pool, asked, raw, command);
      if (options.json) printJson(asJson(raw, answer));
      else showScan(answer);
      return answer.lots.length + answer.given.length > 0 ? exitCode.agreed : exitCode.usage;
    }
    progress(en.lot.scanNow);
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() === '') continue;
      try {
        const answer = await answerScan(pool, asked, line, command);
        if (options.json) say(JSON.stringify(asJson(line, answer)));
        else showScan(answer);
      } catch (error) {
        if (!(error instanceof LotbridgeError) || error.class !== 'data') throw error;
        if (options.json) say(JSON.stringify({ scanned: line, error: { code: error.code, message: error.message } }));
        else say(describeError(error));
      }
      if (!options.json) say('');
    }
    return exitCode.agreed;
  });
};
