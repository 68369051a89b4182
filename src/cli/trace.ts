/** `trace LOT`: where a lot came from and where it went, asked in any system's spelling. */
import { LotbridgeError } from '../core/errors.js';
import type { Direction } from '../core/trace/graph.js';
import { meaningsOf, type Speller, spellLot } from '../core/trace/spelling.js';
import { en } from '../messages/en.js';
import type { Pool } from '../store/database.js';
import { type LotRow, traceLot } from '../store/trace/answer.js';
import { type FoundLot, findLots } from '../store/trace/find-lot.js';
import { type MappedHub, readMappings } from './config.js';
import { exitCode } from './exit.js';
import type { GlobalOptions } from './options.js';
import { printJson, say } from './print.js';
import { withStore } from './store.js';
import { traceText } from './trace-tree.js';

export interface TraceCommand {
  forward: boolean;
  backward: boolean;
  system?: string;
  scope?: string;
  material?: string;
  asKnownAt?: string;
  limit: string;
}

export const trace = async (options: GlobalOptions, text: string, command: TraceCommand): Promise<number> => {
  const directions = directionsOf(command, options.json);
  const asKnownAt = timeOf(command.asKnownAt);
  const limit = limitOf(command.limit);
  const config = await readMappings(options);
  const spellers = spellersOf(config);
  const spell = (lot: LotRow): string => spellLot(lot, spellers);
  return withStore(options, async (pool) => {
    const found = await find(pool, config, text, command);
    const [lot, ...others] = found;
    if (lot === undefined) throw unknown(text, command);
    if (others.length > 0) return ambiguous(options, text, found, spell);
    for (const direction of directions) {
      const answer = await traceLot(pool, { lotId: lot.id, direction, limit, spell, ...(asKnownAt && { asKnownAt }) });
      if (options.json) printJson({ ...answer, asked: text, sublot: lot.sublot, serial: lot.serial });
      else {
        if (lot.serial && direction === directions[0]) say(en.trace.serial(text, answer.lot));
        else if (lot.sublot && direction === directions[0]) say(en.trace.sublot(text, answer.lot));
        say(`${traceText(answer)}\n`);
      }
    }
    return exitCode.agreed;
  });
};

/** Both ways for a person who names none; a program gets one document, of where the lot came from. */
const directionsOf = ({ forward, backward }: TraceCommand, json: boolean): Direction[] => {
  if (forward && backward && json) throw usage('trace.two-directions', en.trace.oneDirection, en.trace.oneDirectionFix);
  if (forward === backward) return json ? ['backward'] : ['backward', 'forward'];
  return [forward ? 'forward' : 'backward'];
};

const timeOf = (text: string | undefined): Date | undefined => {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw usage('trace.time', en.trace.noTime(text), en.trace.noTimeFix);
  return time;
};

const limitOf = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw usage('trace.limit', en.trace.noLimit(text), en.trace.noLimitFix);
  return Number(text);
};

const spellersOf = (config: MappedHub): Speller[] =>
  Object.entries(config.hub.systems).flatMap(([name, system]) => {
    const lots = config.mappings.get(name)?.compiled.lots;
    return lots ? [{ lots, erpOf: system.role === 'erp' ? (system.plants ?? []) : [] }] : [];
  });

const find = (pool: Pool, config: MappedHub, text: string, command: TraceCommand): Promise<FoundLot[]> => {
  const { system, scope, material } = command;
  if (system !== undefined && !config.mappings.has(system))
    throw usage(
      'config.system-unknown',
      en.trace.noSystem(system),
      en.trace.noSystemFix([...config.mappings.keys()].join(', ')),
    );
  const asked = [...config.mappings].filter(([name]) => system === undefined || name === system);
  const meanings = meaningsOf(
    text,
    asked.map(([, mapping]) => mapping.compiled.lots),
    scope,
  );
  return meanings.length === 0 ? Promise.resolve([]) : findLots(pool, { text, meanings, system, scope, material });
};

/** Several lots under one text: the person chooses. */
const ambiguous = (options: GlobalOptions, text: string, found: FoundLot[], spell: (lot: LotRow) => string): number => {
  const candidates = found.map((lot) => ({
    lot: spell(lot),
    material: lot.material,
    name: lot.name,
    variant: lot.variant,
    scope: lot.scope,
    plant: lot.plant,
  }));
  if (options.json) printJson({ code: 'trace.lot-ambiguous', asked: text, candidates });
  else {
    say(en.trace.ambiguous(text, candidates.length));
    for (const one of candidates)
      say(`  ${en.trace.candidate({ ...one, name: [one.name, ...Object.values(one.variant)].join(' ') })}`);
    say(en.trace.ambiguousFix);
  }
  return exitCode.usage;
};

const unknown = (text: string, { system, scope, material }: TraceCommand): LotbridgeError => {
  const narrowed = [system, scope, material].filter((one) => one !== undefined).join(', ');
  return usage('trace.lot-unknown', en.trace.unknown(text, narrowed), en.trace.unknownFix);
};

const usage = (code: string, message: string, fix: string): LotbridgeError =>
  new LotbridgeError({ code, class: 'data', message, fix });
