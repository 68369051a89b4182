/** Save of a stock bill: what the client sent as a Model becomes a bill on record, or is refused as the vendor would. */
import Big from 'big.js';
import type { Json } from '../../core/json.js';
import type { KingdeeBill, KingdeeBillEntry, KingdeeMaterial } from '../plant/model.js';
import type { BillForm } from './bill-forms.js';
import type { KingdeeState } from './state.js';
import { isObject, type JsonObject, KingdeeRefusal, MsgCode, member, text } from './wire.js';

export const refuse = (message: string, field: string | null = null): KingdeeRefusal =>
  new KingdeeRefusal(MsgCode.validation, message, field);

const required = (value: string, label: string, field: string): string => {
  if (value === '') throw refuse(`字段[${label}]是必录字段`, field);
  return value;
};

/** `{"FNumber": "CK01"}`, whatever the case. */
export const reference = (model: JsonObject, key: string): string => {
  const value = member(model, key);
  return isObject(value) ? text(member(value, 'FNumber')) : text(value);
};

export const day = (value: Json | undefined): string | null => {
  const date = text(value).slice(0, 10);
  return /^\d{4}-\d{2}-\d{2}$/.test(date) ? date : null;
};

const materialOf = (state: KingdeeState, org: string, number: string): KingdeeMaterial => {
  const material = state.material(org, number);
  if (material === undefined) throw refuse(`物料[${number}]在组织[${org}]中不存在或未分配`, 'FMaterialId');
  if (material.status !== 'C') throw refuse(`物料[${number}]未审核，不允许使用`, 'FMaterialId');
  if (material.forbid === 'B') throw refuse(`物料[${number}]已禁用，不允许使用`, 'FMaterialId');
  return material;
};

const baseQuantityOf = (quantity: Big, unit: string, material: KingdeeMaterial): string => {
  if (unit === material.baseUnit) return quantity.toFixed();
  const factor = material.units.find((u) => u.unit.toLowerCase() === unit.toLowerCase());
  if (factor === undefined) throw refuse(`单位[${unit}]与物料[${material.number}]的基本单位没有换算关系`, 'FUnitID');
  return quantity.times(factor.numerator).div(factor.denominator).round(10).toFixed();
};

const stockOf = (state: KingdeeState, org: string, number: string, field: string): string => {
  required(number, '仓库', field);
  if (!state.stocks.some((stock) => stock.number === number && stock.org === org)) {
    throw refuse(`仓库[${number}]在组织[${org}]中不存在`, field);
  }
  return number;
};

const lotText = (
  state: KingdeeState,
  org: string,
  material: KingdeeMaterial,
  lot: string,
  inbound: boolean,
): string => {
  if (!material.batchManaged) {
    if (lot !== '') throw refuse(`物料[${material.number}]未启用批号管理，不允许录入批号`, 'FLot');
    return '';
  }
  required(lot, '批号', 'FLot');
  if (!inbound && state.lot(org, material.number, lot) === undefined) {
    throw refuse(`批号[${lot}]不存在`, 'FLot');
  }
  return lot;
};

const auxOf = (entry: JsonObject): string => {
  const value = Object.entries(entry).find(([key]) => /^FAuxPropId/i.test(key))?.[1];
  if (!isObject(value)) return '';
  const inner = Object.entries(value).find(([key]) => /FF100001$/i.test(key))?.[1];
  return isObject(inner) ? text(member(inner, 'FNumber')) : text(inner);
};

const entryOf = (state: KingdeeState, form: BillForm, orgs: { from: string; to: string }, entry: JsonObject) => {
  const org = orgs.from;
  const both = form.direction === 'both';
  const material = materialOf(state, org, required(reference(entry, 'FMaterialId'), '物料编码', 'FMaterialId'));
  if (both && orgs.to !== org) materialOf(state, orgs.to, material.number);
  const unit = required(reference(entry, 'FUnitID'), '单位', 'FUnitID');
  let quantity: Big;
  try {
    quantity = new Big(required(text(member(entry, form.quantity)), '数量', form.quantity));
  } catch (error) {
    if (error instanceof KingdeeRefusal) throw error;
    throw refuse('字段[数量]的值不正确', form.quantity);
  }
  if (quantity.lte(0)) throw refuse('字段[数量]必须大于0', form.quantity);
  const made = day(member(entry, 'FProduceDate'));
  const expiry = day(member(entry, 'FExpiryDate'));
  if (!material.kfPeriod && (made !== null || expiry !== null)) {
    throw refuse(`物料[${material.number}]未启用保质期管理，不允许录入生产日期和有效期至`, 'FProduceDate');
  }
  const orderNo = text(member(entry, 'FMoBillNo'));
  if (form.order !== undefined) {
    required(orderNo, '生产订单编号', 'FMoBillNo');
    if (!state.orders.some((order) => order.billNo === orderNo))
      throw refuse(`生产订单[${orderNo}]不存在`, 'FMoBillNo');
  }
  const lot = lotText(state, org, material, reference(entry, 'FLot'), form.direction === 'in');
  const stockStatus = reference(entry, form.stockStatus) || 'KCZT01_SYS';
  const result: Omit<KingdeeBillEntry, 'entryId'> = {
    material: material.number,
    lot,
    aux: auxOf(entry),
    quantity: quantity.toFixed(),
    unit,
    baseQuantity: baseQuantityOf(quantity, unit, material),
    baseUnit: material.baseUnit,
    stock: stockOf(state, org, reference(entry, form.stock), form.stock),
    stockStatus,
    made,
    expiry,
    supplierLot: text(member(entry, 'FSupplyLot')),
    ...(orderNo === '' ? {} : { order: orderNo }),
  };
  if (!both) return result;
  return {
    ...result,
    destStock: stockOf(state, orgs.to, reference(entry, 'FDestStockId'), 'FDestStockId'),
    destLot: lotText(state, orgs.to, material, reference(entry, 'FDestLot') || lot, true),
    destStockStatus: reference(entry, 'FDestStockStatusId') || stockStatus,
    destOrg: orgs.to,
  };
};

const orgOf = (state: KingdeeState, model: JsonObject, key: string, fallback: string): string => {
  const org = required(reference(model, key) || fallback, '库存组织', key);
  if (!state.orgs.some((one) => one.number === org)) throw refuse(`组织[${org}]不存在`, key);
  return org;
};

export const closedPeriod = (state: KingdeeState, date: string): void => {
  if (state.closedBefore !== '' && date.slice(0, 10) < state.closedBefore) {
    throw new KingdeeRefusal(
      MsgCode.notOperable,
      `单据日期[${date.slice(0, 10)}]所在的期间已关账，不允许操作`,
      'FDate',
    );
  }
};

/** @returns the bill as saved: status A */
export const saveBill = (state: KingdeeState, form: BillForm, model: JsonObject, data: JsonObject): KingdeeBill => {
  const id = Number(text(member(model, 'FID')) || '0');
  const old = id === 0 ? undefined : state.billById(form.form, id);
  if (id !== 0 && old === undefined) throw new KingdeeRefusal(MsgCode.noData, `内码为${id}的单据不存在`);
  if (old !== undefined && (old.status === 'B' || old.status === 'C')) {
    throw new KingdeeRefusal(
      MsgCode.notOperable,
      old.status === 'C' ? '单据已审核，不允许修改' : '单据审核中，不允许修改',
    );
  }
  const from = orgOf(state, model, form.direction === 'both' ? 'FStockOutOrgId' : 'FStockOrgId', old?.org ?? '');
  const to = form.direction === 'both' ? orgOf(state, model, 'FStockOrgId', from) : from;
  const date = required(day(member(model, 'FDate')) ?? old?.date ?? '', '日期', 'FDate');
  closedPeriod(state, date);
  const billNo = text(member(model, 'FBillNo')) || old?.billNo || '';
  const holder = billNo === '' ? undefined : state.billByNumber(form.form, billNo);
  if (holder !== undefined && holder.id !== id)
    throw refuse(`违反字段唯一性要求：单据编号[${billNo}]已存在`, 'FBillNo');

  const sent = member(model, form.entity);
  const list = Array.isArray(sent) ? sent.filter(isObject) : [];
  const given = list.map((entry) => ({
    entryId: Number(text(member(entry, 'FEntryID')) || '0') || state.nextId(),
    ...entryOf(state, form, { from, to }, entry),
  }));
  const keep = text(member(data, 'IsDeleteEntry')).toLowerCase() === 'false' || given.length === 0;
  const kept = keep ? (old?.entries ?? []).filter((e) => !given.some((g) => g.entryId === e.entryId)) : [];
  const entries = [...kept, ...given];
  if (entries.length === 0) throw refuse('字段[明细信息]是必录字段', form.entity);

  const now = state.stamp();
  const newId = id || state.nextId();
  const prefix = form.form
    .replace(/^[A-Z]+_/, '')
    .slice(0, 6)
    .toUpperCase();
  const optional = (key: 'supplier' | 'customer' | 'delivery') => {
    const field = form[key];
    const value = field === undefined ? '' : reference(model, field) || (old?.[key] ?? '');
    return value === '' ? {} : { [key]: value };
  };
  return {
    form: form.form,
    id: newId,
    billNo: billNo || `${prefix}${String(newId).padStart(8, '0')}`,
    org: from,
    date,
    status: 'A',
    cancelled: old?.cancelled ?? false,
    revision: old?.revision ?? 1,
    createdAt: old?.createdAt ?? now,
    changedAt: now,
    approvedAt: null,
    note: text(member(model, form.note)) || old?.note || '',
    ...optional('supplier'),
    ...optional('customer'),
    ...optional('delivery'),
    entries,
  };
};
