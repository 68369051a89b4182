/** One document's way through K3Cloud, step by step; each step is one call, and its answer decides the next. */
import { LotbridgeError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { WriteOutcome } from '../contract.js';
import { isObject, type JsonObject } from './answer.js';
import { type Client, KingdeeRefused } from './client.js';
import { quoted, runQuery } from './query.js';

/** FDocumentStatus: Z draft, A saved, B submitted, C audited, D un-audited. */
export interface Found {
  id: string;
  status: string;
}

export class Steps {
  constructor(
    readonly client: Client,
    readonly signal: AbortSignal | undefined,
    /** IANA zone of the system's own clock. */
    readonly timeZone: string,
  ) {}

  async findBill(form: string, billNo: string): Promise<Found | undefined> {
    return (await this.findBills(form, [billNo])).get(billNo);
  }

  async findBills(form: string, billNos: string[]): Promise<Map<string, Found>> {
    const found = new Map<string, Found>();
    if (billNos.length === 0) return found;
    const rows = await runQuery(
      this.client,
      {
        form,
        fields: ['FID', 'FBillNo', 'FDocumentStatus'],
        filter: `FBillNo in (${billNos.map(quoted).join(',')})`,
        // One row a line of the bill.
        limit: 10_000,
      },
      this.signal,
    );
    for (const row of rows) {
      found.set(String(row.FBillNo), { id: String(row.FID), status: String(row.FDocumentStatus) });
    }
    return found;
  }

  async findMaterial(number: string, org: string): Promise<Found | undefined> {
    const [row] = await runQuery(
      this.client,
      {
        form: 'BD_MATERIAL',
        fields: ['FMATERIALID', 'FDocumentStatus'],
        filter: `FNumber=${quoted(number)} and FUseOrgId.FNumber=${quoted(org)}`,
        limit: 1,
      },
      this.signal,
    );
    return row && { id: String(row.FMATERIALID), status: String(row.FDocumentStatus) };
  }

  /** @returns the id of what was saved */
  async save(form: string, model: JsonObject, options: JsonObject = {}): Promise<string> {
    const answer = await this.#call('Save', {
      formid: form,
      data: { NeedUpDateFields: [], IsDeleteEntry: 'true', NumberSearch: 'true', ...options, Model: model },
    });
    const result = isObject(answer) ? answer.Result : undefined;
    return isObject(result) ? String(result.Id ?? '') : '';
  }

  async step(method: 'Submit' | 'Audit' | 'UnAudit' | 'CancelAssign' | 'Delete', form: string, id: string) {
    // Ids as text: of an array some builds take the first only.
    await this.#call(method, { formid: form, data: { CreateOrgId: 0, Numbers: [], Ids: id, InterationFlags: '' } });
  }

  /** From whatever state a saved document is in to audited. */
  async finish(form: string, { id, status }: Found): Promise<void> {
    if (status !== 'B' && status !== 'C') await this.step('Submit', form, id);
    if (status !== 'C') await this.step('Audit', form, id);
  }

  #call(method: string, body: Json): Promise<Json> {
    return this.client.call(method, body, { idempotent: false, ...(this.signal ? { signal: this.signal } : {}) });
  }
}

const lost = new Set(['http.reset', 'http.timeout', 'http.server-error', 'kingdee.server-error', 'kingdee.not-json']);
const notSent = new Set(['http.unreachable', 'http.rate-limited']);

/** The answer did not come, or not as K3Cloud gives it: nobody knows whether it was done. */
const isLost = (error: unknown): error is LotbridgeError => error instanceof LotbridgeError && lost.has(error.code);

/** What an error means for a record of which the target holds nothing so far; others are thrown on. */
export const outcomeOf = (key: string, error: unknown): WriteOutcome => {
  if (error instanceof KingdeeRefused) {
    const { code, message, transient } = error.refusal;
    return { key, status: 'rejected', code, message, transient };
  }
  if (isLost(error)) return { key, status: 'unknown', code: error.code, message: error.message };
  if (error instanceof LotbridgeError && notSent.has(error.code)) {
    return { key, status: 'rejected', code: error.code, message: error.message, transient: true };
  }
  throw error;
};

/** Part of the way is done and the rest is not: the hub looks up, and a repeated write goes on from there. */
export const halfWay = (key: string, error: unknown): WriteOutcome => {
  if (!(error instanceof LotbridgeError)) throw error;
  return { key, status: 'unknown', code: error.code, message: error.message };
};

export const rejected = (key: string, code: string, message: string): WriteOutcome => ({
  key,
  status: 'rejected',
  code,
  message,
  transient: false,
});
