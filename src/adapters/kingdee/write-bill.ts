/**
 * A stock bill under our key as its FBillNo: Save → Submit → Audit, continued from the step that was reached; taken back
 * by UnAudit → Delete while its period is open, else by a counter bill under our key. The bill number is unique in K3Cloud, so that one key is one bill.
 */
import type { LookupOutcome, WriteOutcome, WriteRecord } from '../contract.js';
import { KingdeeRefused } from './client.js';
import { counterModel, counterOf } from './counter-bill.js';
import type { KingdeeStream } from './streams.js';
import { type Found, halfWay, outcomeOf, rejected, type Steps } from './write-steps.js';

/** The bill that a reversal takes back: `reference` of the write's outcome. */
const reversed = ({ record }: WriteRecord): string => {
  const number = record.reference ?? record.FBillNo;
  return typeof number === 'string' ? number : '';
};

export const writeBill = async (steps: Steps, { form }: KingdeeStream, write: WriteRecord): Promise<WriteOutcome> => {
  if (write.action === 'post') return post(steps, form, write);
  if (write.action === 'reverse') return reverse(steps, form, write);
  return rejected(write.key, 'kingdee.action', `${form}: a bill is posted or reversed, not ${write.action}ed`);
};

const post = async (steps: Steps, form: string, write: WriteRecord): Promise<WriteOutcome> => {
  const { key } = write;
  let bill: Found | undefined;
  try {
    bill = await steps.findBill(form, key);
    if (bill?.status === 'C') return { key, status: 'duplicate', reference: key };
    if (bill === undefined) bill = await saved(steps, form, write);
  } catch (error) {
    return outcomeOf(key, error);
  }
  try {
    await steps.finish(form, bill);
    return { key, status: 'written', reference: key };
  } catch (error) {
    // A lock, a limit or a lost answer: the bill stays as it is, and a repeated write goes on from there.
    if (!(error instanceof KingdeeRefused) || isPassing(error)) return halfWay(key, error);
    // Not in the state that this step needs: somebody else moved it on meanwhile.
    if (error.refusal.msgCode === 12) return movedOn(steps, form, key, error);
    return withdraw(steps, form, key, error);
  }
};

const movedOn = async (steps: Steps, form: string, key: string, why: KingdeeRefused): Promise<WriteOutcome> => {
  try {
    const bill = await steps.findBill(form, key);
    return bill?.status === 'C' ? { key, status: 'duplicate', reference: key } : halfWay(key, why);
  } catch {
    return halfWay(key, why);
  }
};

const isPassing = ({ refusal }: KingdeeRefused): boolean =>
  refusal.transient && refusal.code !== 'kingdee.negative-stock';

const saved = async (steps: Steps, form: string, { key, record }: WriteRecord): Promise<Found> => {
  try {
    const id = await steps.save(form, { ...record, FID: 0, FBillNo: key });
    return { id, status: 'A' };
  } catch (error) {
    // Another attempt was faster.
    if (!(error instanceof KingdeeRefused && error.code === 'kingdee.exists')) throw error;
    const other = await steps.findBill(form, key);
    if (other === undefined) throw error;
    return other;
  }
};

/** Rejected means that the target holds nothing: a bill that cannot be audited is taken out again. */
const withdraw = async (steps: Steps, form: string, key: string, why: KingdeeRefused): Promise<WriteOutcome> => {
  try {
    const bill = await steps.findBill(form, key);
    if (bill?.status === 'C') return { key, status: 'written', reference: key };
    if (bill?.status === 'B') await steps.step('CancelAssign', form, bill.id);
    if (bill !== undefined) await steps.step('Delete', form, bill.id);
    return outcomeOf(key, why);
  } catch {
    return halfWay(key, why);
  }
};

const reverse = async (steps: Steps, form: string, write: WriteRecord): Promise<WriteOutcome> => {
  const { key } = write;
  const number = reversed(write);
  if (number === '') return rejected(key, 'kingdee.reference-missing', `${form}: the reversal names no bill`);
  let bill: Found | undefined;
  try {
    bill = await steps.findBill(form, number);
    if (bill === undefined) return { key, status: 'duplicate', reference: number };
    const counter = counterOf(form);
    // Begun as a counter bill, finished as one, even if the period was opened again meanwhile.
    if (counter && (await steps.findBill(counter.form, key)))
      return post(steps, counter.form, { ...write, record: {} });
    if (bill.status === 'C') {
      const closed = await unaudited(steps, form, bill);
      if (closed !== undefined && counter === undefined) throw closed;
      if (closed !== undefined && counter !== undefined) {
        const record = await counterModel(steps, form, counter, number, dayOf(write, steps));
        return post(steps, counter.form, { ...write, record });
      }
    }
  } catch (error) {
    return outcomeOf(key, error);
  }
  try {
    if (bill.status === 'B') await steps.step('CancelAssign', form, bill.id);
    await steps.step('Delete', form, bill.id);
    return { key, status: 'written', reference: number };
  } catch (error) {
    // The stock is back already, the bill is not gone: somebody must see that it stands there un-audited.
    return halfWay(key, error);
  }
};

/** The refusal, where the bill's period is closed. */
const unaudited = async (steps: Steps, form: string, bill: Found): Promise<KingdeeRefused | undefined> => {
  try {
    await steps.step('UnAudit', form, bill.id);
    return undefined;
  } catch (error) {
    if (error instanceof KingdeeRefused && error.code === 'kingdee.period-closed') return error;
    throw error;
  }
};

/** The day that the hub names, else today on the system's own calendar. */
const dayOf = ({ record }: WriteRecord, { timeZone }: Steps): string =>
  typeof record.FDate === 'string'
    ? record.FDate.slice(0, 10)
    : new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(new Date());

export const lookupBills = async (
  steps: Steps,
  { form }: KingdeeStream,
  writes: WriteRecord[],
): Promise<LookupOutcome[]> => {
  const outcomes: LookupOutcome[] = [];
  for (let at = 0; at < writes.length; at += 50) {
    const part = writes.slice(at, at + 50);
    const numberOf = (write: WriteRecord) => (write.action === 'reverse' ? reversed(write) : write.key);
    const bills = await steps.findBills(form, part.map(numberOf));
    const counter = counterOf(form);
    const reversals = part.filter((write) => write.action === 'reverse').map(({ key }) => key);
    const counters = counter ? await steps.findBills(counter.form, reversals) : new Map<string, Found>();
    outcomes.push(
      ...part.map((write): LookupOutcome => {
        const { key } = write;
        const bill = bills.get(numberOf(write));
        if (write.action !== 'reverse') {
          return bill ? { key, found: true, reference: key, complete: bill.status === 'C' } : { key, found: false };
        }
        const counterBill = counters.get(key);
        if (counterBill) return { key, found: true, reference: key, complete: counterBill.status === 'C' };
        // The reversal is there when the bill is gone; half-way when it is un-audited.
        if (bill?.status === 'C') return { key, found: false };
        return { key, found: true, reference: numberOf(write), complete: bill === undefined };
      }),
    );
  }
  return outcomes;
};
