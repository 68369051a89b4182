/**
 * A material under its number and use organisation. An audited one is un-audited, changed and audited again, because
 * K3Cloud changes no audited record; each step can be repeated.
 */
import Big from 'big.js';
import type { Json } from '../../core/json.js';
import type { LookupOutcome, WriteOutcome, WriteRecord } from '../contract.js';
import { isObject, type JsonObject } from './answer.js';
import { KingdeeRefused } from './client.js';
import { quoted, runQuery } from './query.js';
import { halfWay, outcomeOf, rejected, type Steps } from './write-steps.js';

const form = 'BD_MATERIAL';

const referenced = (model: JsonObject, key: string): string => {
  const value = model[key];
  return isObject(value) && typeof value.FNumber === 'string' ? value.FNumber : '';
};

const keyOf = (model: JsonObject): { number: string; org: string } => ({
  number: typeof model.FNumber === 'string' ? model.FNumber : '',
  org: referenced(model, 'FUseOrgId') || referenced(model, 'FCreateOrgId'),
});

export const writeMaterial = async (steps: Steps, write: WriteRecord): Promise<WriteOutcome> => {
  const { key, record } = write;
  if (write.action !== 'upsert') return rejected(key, 'kingdee.action', `${form}: a material is upserted`);
  const { number, org } = keyOf(record);
  if (number === '' || org === '') {
    return rejected(key, 'kingdee.field-required', `${form}: FNumber and FUseOrgId.FNumber name the material`);
  }
  let touched = false;
  try {
    const before = await steps.findMaterial(number, org);
    if (before?.status === 'B') await steps.step('CancelAssign', form, before.id);
    if (before?.status === 'C') {
      await steps.step('UnAudit', form, before.id);
      touched = true;
    }
    const model: JsonObject = { ...record, FMATERIALID: before ? Number(before.id) : 0 };
    if (record.FCreateOrgId === undefined) model.FCreateOrgId = { FNumber: org };
    try {
      await steps.save(form, model, before ? { NeedUpDateFields: changed(record), IsDeleteEntry: 'false' } : {});
    } catch (error) {
      // The change is refused: the material goes back to work as it was.
      if (!(error instanceof KingdeeRefused) || before?.status !== 'C') throw error;
      await steps.finish(form, { id: before.id, status: 'D' });
      return outcomeOf(key, error);
    }
    touched = true;
    const after = await steps.findMaterial(number, org);
    if (after !== undefined) await steps.finish(form, after);
    return { key, status: 'written', reference: `${number}@${org}` };
  } catch (error) {
    return touched ? halfWay(key, error) : outcomeOf(key, error);
  }
};

const changed = (record: JsonObject): string[] =>
  Object.entries(record).flatMap(([name, value]) =>
    name.startsWith('SubHeadEntity') && isObject(value) ? [name, ...Object.keys(value)] : [name],
  );

/** The Model as the field keys under which a query shows the same values. */
const queryFields = (model: JsonObject): Map<string, Json> => {
  const fields = new Map<string, Json>();
  for (const [name, value] of Object.entries(model)) {
    if (!isObject(value)) fields.set(name, value);
    else if (name.startsWith('SubHeadEntity')) for (const [key, one] of queryFields(value)) fields.set(key, one);
    else if (value.FNumber !== undefined) fields.set(`${name}.FNumber`, value.FNumber);
  }
  return fields;
};

const equal = (a: Json, b: Json): boolean => {
  const [x, y] = [String(a ?? '').trim(), String(b ?? '').trim()];
  if (x === y) return true;
  const number = /^-?\d+(\.\d+)?$/;
  return number.test(x) && number.test(y) && new Big(x).eq(y);
};

/** Found when the material holds what was to be written; a write of other values is still due. */
export const lookupMaterial = async (steps: Steps, { key, record }: WriteRecord): Promise<LookupOutcome> => {
  const { number, org } = keyOf(record);
  const wanted = queryFields(record);
  wanted.delete('FMATERIALID');
  const [row] = await runQuery(
    steps.client,
    {
      form,
      fields: [...new Set(['FDocumentStatus', ...wanted.keys()])],
      filter: `FNumber=${quoted(number)} and FUseOrgId.FNumber=${quoted(org)}`,
      limit: 1,
    },
    steps.signal,
  );
  if (row === undefined || [...wanted].some(([field, value]) => !equal(row[field] ?? null, value))) {
    return { key, found: false };
  }
  return { key, found: true, reference: `${number}@${org}`, complete: row.FDocumentStatus === 'C' };
};
