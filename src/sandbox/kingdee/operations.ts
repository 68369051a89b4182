/**
 * Submit, Audit, UnAudit and the others: a document's way through its states (Z draft → A saved → B submitted →
 * C audited → D un-audited), and what the audit does to stock and lots.
 */
import type { KingdeeBill, KingdeeMaterial } from '../plant/model.js';
import { type BillForm, billForm } from './bill-forms.js';
import { closedPeriod, refuse, saveBill } from './save-bill.js';
import { allocateMaterial, saveMaterial } from './save-material.js';
import { counts, effectOf, type KingdeeState } from './state.js';
import { type JsonObject, KingdeeRefusal, MsgCode } from './wire.js';

/** A bill or a material, with what all of them have. */
export interface Document {
  form: string;
  id: number;
  number: string;
  status: string;
}

type Target = { kind: 'bill'; bill: KingdeeBill; form: BillForm } | { kind: 'material'; material: KingdeeMaterial };

const notOperable = (message: string): KingdeeRefusal => new KingdeeRefusal(MsgCode.notOperable, message);

const documentOf = (target: Target): Document =>
  target.kind === 'bill'
    ? { form: target.bill.form, id: target.bill.id, number: target.bill.billNo, status: target.bill.status }
    : { form: 'BD_MATERIAL', id: target.material.id, number: target.material.number, status: target.material.status };

export const isMaterial = (form: string): boolean => form.toLowerCase() === 'bd_material';

const find = (state: KingdeeState, form: string, by: { id?: number; number?: string; org?: string }): Target => {
  const missing = new KingdeeRefusal(MsgCode.noData, `编码为“${by.number ?? ''}”内码为“${by.id ?? ''}”的数据不存在`);
  if (isMaterial(form)) {
    const material =
      by.id !== undefined
        ? state.materials.get(by.id)
        : (state.material(by.org ?? '', by.number ?? '') ??
          [...state.materials.values()].find((m) => m.number.toLowerCase() === by.number?.toLowerCase()));
    if (material === undefined) throw missing;
    return { kind: 'material', material };
  }
  const description = billForm(form);
  if (description === undefined) throw notOperable(`业务对象“${form}”不支持此操作`);
  const bill = by.id !== undefined ? state.billById(form, by.id) : state.billByNumber(form, by.number ?? '');
  if (bill === undefined) throw missing;
  return { kind: 'bill', bill, form: description };
};

const put = (state: KingdeeState, target: Target, change: Partial<KingdeeBill & KingdeeMaterial>): Document => {
  const changedAt = state.stamp();
  if (target.kind === 'bill') {
    const bill: KingdeeBill = { ...target.bill, ...(change as Partial<KingdeeBill>), changedAt };
    state.putBill(bill);
    return documentOf({ ...target, bill });
  }
  const material: KingdeeMaterial = { ...target.material, ...(change as Partial<KingdeeMaterial>), changedAt };
  state.putMaterial(material);
  return documentOf({ kind: 'material', material });
};

const refuseShortage = (state: KingdeeState, effect: ReturnType<typeof effectOf>, flags: string): void => {
  if (flags.includes('STK_InvCheckResult')) return;
  const short = state.shortage(effect);
  if (short === undefined) return;
  const { material, lot, stock } = short.row;
  throw refuse(`物料[${material}]批号[${lot}]仓库[${stock}]的即时库存不足，更新库存后将出现负库存`);
};

/** Lots come into being where an audited bill brings stock of a number that is not there yet. */
const createLots = (state: KingdeeState, form: BillForm, bill: KingdeeBill): void => {
  for (const entry of bill.entries) {
    const org = form.direction === 'both' ? (entry.destOrg ?? bill.org) : bill.org;
    const number = form.direction === 'both' ? (entry.destLot ?? entry.lot) : entry.lot;
    if (form.direction === 'out' || number === '' || state.lot(org, entry.material, number) !== undefined) continue;
    const source = state.lot(bill.org, entry.material, entry.lot);
    state.putLot({
      id: state.nextId(),
      number,
      material: entry.material,
      useOrg: org,
      aux: entry.aux,
      made: entry.made ?? source?.made ?? null,
      expiry: entry.expiry ?? source?.expiry ?? null,
      supplier: bill.supplier ?? source?.supplier ?? '',
      supplierLot: entry.supplierLot || source?.supplierLot || '',
      changedAt: state.stamp(),
    });
  }
};

const audit = (state: KingdeeState, target: Target, flags: string): Document => {
  const { status } = documentOf(target);
  if (status !== 'B') throw notOperable(status === 'C' ? '单据已审核，不允许重复审核' : '只有审核中的单据才允许审核');
  if (target.kind === 'material') return put(state, target, { status: 'C', approvedAt: state.stamp() });
  closedPeriod(state, target.bill.date);
  refuseShortage(state, effectOf(target.bill), flags);
  createLots(state, target.form, target.bill);
  return put(state, target, { status: 'C', approvedAt: state.stamp() });
};

const unAudit = (state: KingdeeState, target: Target, flags: string): Document => {
  if (documentOf(target).status !== 'C') throw notOperable('只有已审核的单据才允许反审核');
  if (target.kind === 'material') return put(state, target, { status: 'D', approvedAt: null });
  closedPeriod(state, target.bill.date);
  const back = effectOf(target.bill).map(({ row, quantity }) => ({ row, quantity: quantity.neg() }));
  if (counts(target.bill)) refuseShortage(state, back, flags);
  return put(state, target, {
    status: 'D',
    approvedAt: null,
    revision: (target.kind === 'bill' ? target.bill.revision : 0) + 1,
  });
};

const remove = (state: KingdeeState, target: Target): Document => {
  const document = documentOf(target);
  if (document.status === 'B' || document.status === 'C') {
    throw notOperable(document.status === 'C' ? '单据已审核，不允许删除' : '单据审核中，不允许删除');
  }
  if (target.kind === 'bill') state.deleteBill(target.bill);
  else state.deleteMaterial(target.material.id);
  return document;
};

const saved = new Set(['A', 'D']);

/** Carries out one named operation on one document. */
export const operate = (
  state: KingdeeState,
  operation: string,
  form: string,
  by: { id?: number; number?: string; org?: string },
  flags: string,
): Document => {
  const target = find(state, form, by);
  const { status } = documentOf(target);
  const open = (): void => {
    if (!saved.has(status)) throw notOperable('只有创建或重新审核状态的单据才允许此操作');
  };
  switch (operation.toLowerCase()) {
    case 'submit':
      if (!saved.has(status)) throw notOperable('只有创建或重新审核状态的单据才允许提交');
      return put(state, target, { status: 'B' });
    case 'audit':
      return audit(state, target, flags);
    case 'unaudit':
      return unAudit(state, target, flags);
    case 'cancelassign':
      if (status !== 'B') throw notOperable('只有审核中的单据才允许撤销');
      return put(state, target, { status: 'D' });
    case 'delete':
      return remove(state, target);
    case 'forbid':
    case 'enable':
      if (target.kind === 'bill') throw notOperable('单据不支持禁用和反禁用');
      return put(state, target, { forbid: operation.toLowerCase() === 'forbid' ? 'B' : 'A' });
    case 'cancel':
    case 'uncancel':
      if (target.kind === 'material') throw notOperable('基础资料不支持作废');
      open();
      return put(state, target, { cancelled: operation.toLowerCase() === 'cancel' });
    default:
      throw new KingdeeRefusal(MsgCode.operationEmpty, `操作“${operation}”不存在`);
  }
};

export const save = (
  state: KingdeeState,
  form: string,
  model: JsonObject,
  data: JsonObject,
  draft: boolean,
): Document => {
  if (isMaterial(form)) {
    const material: KingdeeMaterial = { ...saveMaterial(state, model), ...(draft ? { status: 'A' as const } : {}) };
    state.putMaterial(material);
    return documentOf({ kind: 'material', material });
  }
  const description = billForm(form);
  if (description === undefined) throw notOperable(`业务对象“${form}”不支持保存`);
  const bill: KingdeeBill = {
    ...saveBill(state, description, model, data),
    ...(draft ? { status: 'Z' as const } : {}),
  };
  state.putBill(bill);
  return documentOf({ kind: 'bill', bill, form: description });
};

export const allocate = (state: KingdeeState, id: number, orgId: number): Document => {
  const target = find(state, 'BD_MATERIAL', { id });
  if (target.kind !== 'material') throw notOperable('只有物料支持分配');
  return documentOf({ kind: 'material', material: allocateMaterial(state, target.material, orgId) });
};
