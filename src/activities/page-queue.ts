/**
 * Pages go into the store in their order. A page that is all new is written beside the one before it, by a connection of
 * its own, and committed after it; when one of them turns out not to be all new, it and the ones after it are taken in turn.
 */
import type { RawRecords } from '../adapters/contract.js';
import { isTaken, notLong, type Pool, sideBySide, transaction } from '../store/database.js';
import type { NewMaterials } from '../store/materials-new.js';
import type { Recognised } from '../store/recognise.js';
import type { PageContext } from '../store/records.js';
import { countPage, noteTaken } from '../store/runs.js';
import type { LoadedMapping } from './deps.js';
import { type RawPage, rawPage } from './map-page.js';
import { newPage } from './new-page.js';
import { beforePage, recogniseAhead, type TakenPage, takePage } from './take-page.js';

export interface QueuedPage {
  records: RawRecords;
  at: Omit<Parameters<typeof countPage>[0], 'read'>;
}

export interface PageQueue {
  /** Prepares the page, and resolves when there is room for another; rejects when a page could not be taken. */
  put(page: QueuedPage): Promise<void>;
  /** Resolves when every page is committed. */
  empty(): Promise<void>;
}

interface InFlight {
  /** Others may be written beside it before it is done. */
  asNew: boolean;
  /** Whether it is committed as it was written first; if not, it is taken again, and so are those after it. */
  stands: Promise<boolean>;
  done: Promise<void>;
}

/** The page cannot be taken as all new; its transaction is undone. */
class NotAsNew extends Error {}

const nothing: InFlight = { asNew: false, stands: Promise.resolve(true), done: Promise.resolve() };

export const pageQueue = (
  pool: Pool,
  page: PageContext,
  mapping: LoadedMapping,
  /** Of each page as it is committed, unless it was committed by an earlier try. */
  committed: (queued: QueuedPage, taken: TakenPage) => Promise<void>,
): PageQueue => {
  let allNew = false;
  /** By the page that was taken last; undefined when nobody knows. */
  let touched: ReadonlySet<string> | undefined;
  let last = nothing;
  let lastButOne = nothing;

  const counted = ({ at, records }: QueuedPage, fresh: number): string =>
    countPage({ ...at, read: records.length, fresh });
  const rawOf = ({ records, at }: QueuedPage): Promise<RawPage> => rawPage(mapping, page.stream, records, at.page);

  const take = async (queued: QueuedPage, raw: RawPage, ahead?: Recognised): Promise<void> => {
    const opening = [...beforePage(page), counted(queued, 0)];
    const taken = await transaction(pool, opening, async ({ client, opened, atEnd }) => {
      if (opened.at(-1) === 0) return undefined;
      const taken = await takePage(client, page, mapping, raw, ahead);
      atEnd(noteTaken(queued.at, { ...taken, parked: taken.parked.length }));
      return taken;
    });
    allNew = taken?.allNew ?? false;
    touched = taken?.touched;
    if (taken) await committed(queued, taken);
  };

  /** The short way. Several such pages may be written side by side, so none of them may wait long for another. */
  const takeAsNew = async (queued: QueuedPage, rows: NewMaterials, before: InFlight): Promise<boolean> => {
    if (!before.asNew) await before.done;
    const opening = [notLong, sideBySide(`merge ${page.entity}`), counted(queued, queued.records.length)];
    try {
      const isNext = await transaction(pool, opening, async ({ client, opened }) => {
        if (opened.at(-1) === 0) return false;
        await rows.copyIn(client);
        if (!(await before.stands)) throw new NotAsNew();
        return true;
      });
      if (!isNext) return true;
    } catch (error) {
      // Something in it is not new, or is being written by somebody else.
      if (error instanceof NotAsNew || isTaken(error)) return false;
      throw error;
    }
    await committed(queued, { parked: [], same: '{}', fresh: queued.records.length, allNew: true, touched: new Set() });
    return true;
  };

  /** What its records are in the store is asked while the page before, the only one in flight then, is still being taken. */
  const inTurn =
    (queued: QueuedPage, raw: RawPage) =>
    (before: InFlight): InFlight => {
      const ahead = before.asNew ? undefined : recogniseAhead(pool, page, raw);
      ahead?.catch(() => undefined);
      const done = before.done.then(async () => {
        const holds = touched !== undefined && !raw.rows.some(({ keys }) => keys.some((key) => touched?.has(key)));
        return take(queued, raw, holds ? await ahead : undefined);
      });
      return { asNew: false, stands: done.then(() => true), done };
    };
  const asNew =
    (queued: QueuedPage, rows: NewMaterials) =>
    (before: InFlight): InFlight => {
      const stands = takeAsNew(queued, rows, before);
      const again = async (): Promise<void> => {
        const raw = await rawOf(queued);
        await before.done;
        await take(queued, raw);
      };
      return { asNew: true, stands, done: stands.then((stood) => (stood ? undefined : again())) };
    };

  return {
    async put(queued) {
      const rows = allNew ? await newPage(pool, page, mapping, queued.records) : undefined;
      const start = rows ? asNew(queued, rows) : inTurn(queued, await rawOf(queued));
      await lastButOne.done;
      const next = start(last);
      // Whoever waits is told; whoever does not must not end the hub.
      next.stands.catch(() => undefined);
      next.done.catch(() => undefined);
      [lastButOne, last] = [last, next];
    },
    empty: () => last.done,
  };
};
