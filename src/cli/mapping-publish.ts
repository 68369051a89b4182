/**
 * `mapping publish` and `mapping rollback`: makes a draft, or an earlier version, what runs begin with from now on. The tests of
 * the file must hold, nobody else may have published meanwhile, and a change of lot identities must be accepted by number.
 */
import { userInfo } from 'node:os';
import type { LoadedMapping } from '../activities/deps.js';
import { type MappingImpact, mappingImpact, streamsToReread } from '../activities/impact.js';
import type { HubConfig } from '../config/hub.js';
import { LotbridgeError } from '../core/errors.js';
import type { Difference } from '../core/mapping/difference.js';
import { en } from '../messages/en.js';
import type { Pool } from '../store/database.js';
import {
  contentSha,
  type MappingVersion,
  mappingContent,
  mappingHistory,
  PublishedMeanwhile,
  publishedNow,
  publishMapping,
} from '../store/mapping-versions.js';
import { readHub } from './config.js';
import { knownSystem } from './known-system.js';
import { baseOf, noteBase } from './mapping-base.js';
import { differencesBetween } from './mapping-diff.js';
import { goodDraft } from './mapping-drafts.js';
import { countsOf, keptOf } from './mapping-impact.js';
import { neighboursOf, publishedMapping } from './mapping-published.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { printJson, say } from './print.js';
import { withStore } from './store.js';

export interface PublishOptions {
  reason?: string;
  author?: string;
  /** The version that the draft was written upon, where `mappings/.base.json` does not say so. */
  base?: string;
  /** So many lots and serial numbers change their identity. */
  accept?: string;
  /** False: streams go on where they were, though their records would be mapped otherwise. */
  reread?: boolean;
}

export const mappingPublish = async (options: GlobalOptions, system: string, own: PublishOptions): Promise<number> => {
  const reason = reasonOf(own);
  const { hub, draft } = await goodDraft(options, system, 'must hold');
  return withStore(options, async (pool) => {
    const newest = (await publishedNow(pool)).get(system);
    if (newest?.sha256 === contentSha(draft.content)) {
      noteBase(configDirOf(options), { [system]: newest.id });
      return done(options, {
        system,
        version: newest.id,
        unchanged: true,
        lotsChanged: 0,
        serialsChanged: 0,
        reread: [],
      });
    }
    const base = await baseFor(pool, configDirOf(options), system, newest, own);
    if (newest && base !== newest.id) throw await toldWhatChanged(pool, newest, base);
    return publish(options, pool, hub, { system, draft, reason, own, newest });
  });
};

export const mappingRollback = async (
  options: GlobalOptions,
  system: string,
  version: string,
  own: PublishOptions,
): Promise<number> => {
  const reason = reasonOf(own);
  const hub = readHub(options);
  knownSystem(hub, system);
  return withStore(options, async (pool) => {
    const { newest, book } = await publishedMapping(pool, hub, system);
    if ((await mappingContent(pool, version)).system !== system)
      throw refused('mapping.version-unknown', en.mapping.notOf(system, version), en.mapping.seeHistory(system));
    const draft = await book.version(version);
    return publish(options, pool, hub, { system, draft, reason, own, newest });
  });
};

interface Publishing {
  system: string;
  draft: LoadedMapping;
  reason: string;
  own: PublishOptions;
  newest: MappingVersion | undefined;
}

const publish = async (options: GlobalOptions, pool: Pool, hub: HubConfig, ask: Publishing): Promise<number> => {
  const { system, draft, reason, own, newest } = ask;
  const impact = newest ? await impactOf(pool, hub, system, draft) : undefined;
  const lotsChanged = impact?.lots.changed ?? [];
  const serialsChanged = impact?.serials.changed ?? [];
  if (String(lotsChanged.length + serialsChanged.length) !== (own.accept ?? '0'))
    throw notAccepted(system, own.accept, impact);
  const reread = impact && own.reread !== false ? streamsToReread(impact, draft.compiled) : [];
  const author = own.author ?? userInfo().username;
  const base = newest?.id ?? null;
  try {
    const content = draft.content;
    const what = { system, content, reason, author, base, lotsChanged, serialsChanged, reread };
    const version = await publishMapping(pool, what);
    noteBase(configDirOf(options), { [system]: version });
    const lotsLost = impact?.conversions.lost ?? 0;
    const counts = { lotsChanged: lotsChanged.length, serialsChanged: serialsChanged.length, lotsLost };
    return done(options, { system, version, ...counts, reread });
  } catch (error) {
    throw error instanceof PublishedMeanwhile ? await toldWhatChanged(pool, error.newest, newest?.id) : error;
  }
};

interface Said {
  system: string;
  version: string;
  /** The draft is what runs already. */
  unchanged?: true;
  lotsChanged: number;
  serialsChanged: number;
  /** Lots that no longer convert into another system. */
  lotsLost?: number;
  /** Streams that the next run reads from the beginning. */
  reread: string[];
}

const done = (options: GlobalOptions, said: Said): number => {
  const { system, version, unchanged, lotsLost = 0, reread } = said;
  if (options.json) printJson(said);
  else {
    say(unchanged ? en.mapping.nothingNew(system, version) : en.mapping.published(system, version));
    if (lotsLost > 0) say(en.mapping.lotsLost(lotsLost));
    if (reread.length > 0) say(en.mapping.reread(reread));
  }
  return 0;
};

const impactOf = async (pool: Pool, hub: HubConfig, system: string, draft: LoadedMapping): Promise<MappingImpact> => {
  const { mapping } = await publishedMapping(pool, hub, system);
  const neighbours = await neighboursOf(pool, hub, system);
  return mappingImpact(pool, system, mapping.compiled, draft.compiled, keptOf(hub), neighbours);
};

/** Said by the admin, else noted beside the files; the first version of all needs none. */
const baseFor = async (
  pool: Pool,
  dir: string,
  system: string,
  newest: MappingVersion | undefined,
  own: PublishOptions,
): Promise<string | undefined> => {
  const base = own.base ?? baseOf(dir, system);
  if (base !== undefined || newest === undefined) return base;
  const history = await mappingHistory(pool, system);
  if (history.length === 1) return newest.id;
  throw refused('mapping.no-base', en.mapping.noBase(system), en.mapping.noBaseFix(system, newest.id));
};

/** The error of publishing over somebody else, with what he changed. */
const toldWhatChanged = async (
  pool: Pool,
  newest: MappingVersion,
  base: string | undefined,
): Promise<LotbridgeError> => {
  const error = new PublishedMeanwhile(newest, base ?? null);
  const before = base ?? newest.base;
  if (before === null || before === undefined) return error;
  const found = differencesBetween(
    (await mappingContent(pool, before)).content,
    (await mappingContent(pool, newest.id)).content,
  );
  const message = `${error.message}:\n${found.map(lineOf).join('\n') || `  ${en.mapping.onlyWords}`}`;
  return new LotbridgeError({ code: error.code, class: 'config', message, fix: error.fix });
};

const lineOf = ({ where, before, after }: Difference): string => `  ${where}: ${before ?? '–'} → ${after ?? '–'}`;

const notAccepted = (
  system: string,
  accepted: string | undefined,
  impact: Pick<MappingImpact, 'lots' | 'serials'> | undefined,
): LotbridgeError => {
  const { lots, serials } = impact ?? { lots: nothing, serials: nothing };
  const changed = [
    ...lots.changed.map(({ scope, material, lot, ...one }) => ({ name: [scope, material, lot], ...one })),
    ...serials.changed.map(({ material, serial, ...one }) => ({ name: [material, serial], ...one })),
  ];
  const shown = changed
    .slice(0, 10)
    .map(({ name, before, after }) => `  ${name.filter((one) => one !== '').join(' ')}: ${before} → ${after}`);
  const message = en.mapping.lotsChange(system, countsOf(lots), countsOf(serials), accepted);
  return refused(
    'mapping.lots-change',
    [message, ...shown, ...(changed.length > shown.length ? ['  …'] : [])].join('\n'),
    en.mapping.lotsChangeFix(system, changed.length),
  );
};

const nothing = { changed: [], unread: [], collisions: [] };

const reasonOf = ({ reason }: PublishOptions): string => {
  if (reason !== undefined && reason.trim() !== '') return reason.trim();
  throw refused('usage.reason', en.mapping.noReason, en.mapping.noReasonFix);
};

const refused = (code: string, message: string, fix: string): LotbridgeError =>
  new LotbridgeError({ code, class: 'config', message, fix });
