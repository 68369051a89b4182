/** The mapping of the benchmark as a programmer would write it for this one system: as strict as the file, and no general rule. */
import type { LotRecord } from '../core/model/records.js';

export interface HandMade {
  record: LotRecord;
  identity: string;
}

type Raw = Record<string, string | null>;

const plants = new Map([
  ['1010', '1010'],
  ['200', '200'],
  ['210', '200'],
]);
const statuses = new Map<string, NonNullable<LotRecord['status']>>([
  ['Available', 'unrestricted'],
  ['Quality', 'inspection'],
  ['Hold', 'blocked'],
]);
const sites = new Map([
  ['S1', '1010'],
  ['K2', '200'],
  ['K3', '210'],
]);
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const isDay = (year: number, month: number, day: number): boolean => {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month >= 1 && month <= 12 && day >= 1 && day <= (monthDays[month - 1] ?? 0) + (leap ? 1 : 0);
};

const text = (raw: Raw, name: string): string => {
  const value = raw[name];
  if (value === undefined || value === null || value.trim() === '') throw new Error(`${name} is missing or empty`);
  return value;
};
const optional = (raw: Raw, name: string): string | undefined => {
  const value = raw[name];
  return value === undefined || value === null || value.trim() === '' ? undefined : value;
};

const isoDay = (value: string | undefined): string | undefined => {
  if (value === undefined) return undefined;
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T\d{2}:\d{2}:\d{2})?$/.exec(value);
  if (!match || !isDay(Number(match[1]), Number(match[2]), Number(match[3]))) throw new Error(`${value} is no day`);
  return value.slice(0, 10);
};

const instant = (value: string): string => {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})$/.exec(value);
  if (!match || !isDay(Number(match[1]), Number(match[2]), Number(match[3])) || Number(match[4]) > 23)
    throw new Error(`${value} is no time`);
  return `${value}+08:00`;
};

/** The year of two digits nearest before twenty years from the lot's own. */
const century = (short: number, around: number): number => {
  const last = around + 20;
  return last - ((((last - short) % 100) + 100) % 100);
};

const identity = (lot: string, scope: string, date: string | undefined): string => {
  const around = date === undefined ? 2026 : Number(date.slice(0, 4));
  const made = /^(S1|K2|K3)-(\d{2})(\d{2})(\d{2})-(\d)-(\d{3})$/.exec(lot);
  const match = made ?? /^R(\d{2})(\d{2})(\d{2})-(\d{3})$/.exec(lot);
  if (!match) return `text:${lot}`;
  const [year, month, day] = made ? [match[2], match[3], match[4]] : [match[1], match[2], match[3]];
  const whole = century(Number(year), around);
  if (!isDay(whole, Number(month), Number(day))) return `text:${lot}`;
  if (made && sites.get(match[1] ?? '') !== scope) return `text:${lot}`;
  const seq = Number(made ? match[6] : match[4]);
  return made
    ? `made:line=${match[5]},made=${whole}-${month}-${day},seq=${seq}`
    : `received:received=${whole}-${month}-${day},seq=${seq}`;
};

/** Undefined: not for the hub. @throws when a value is missing or in no table */
export const mapByHand = (raw: Raw): HandMade | undefined => {
  if (text(raw, 'State') !== 'Active') return undefined;
  const item = text(raw, 'ItemId');
  const lot = text(raw, 'BatchNumberId').trim();
  if (lot === 'N/A' || lot === '0') return undefined;
  const scope = text(raw, 'BusinessUnitId');
  const plant = plants.get(scope);
  const status = statuses.get(text(raw, 'Status'));
  if (plant === undefined || status === undefined) throw new Error('a word that no table holds');
  const colour = optional(raw, 'Colour');
  const made = isoDay(optional(raw, 'ManufactureDate'));
  const received = isoDay(optional(raw, 'ReceivedDate'));
  const expiry = isoDay(optional(raw, 'ExpirationDate'));
  const supplier = optional(raw, 'SupplierId');
  const supplierLot = optional(raw, 'SupplierBatchNumber');
  const record: LotRecord = {
    material: /^[0-9]+$/.test(item) ? item.replace(/^0+(?=.)/, '') : item,
    lot,
    scope,
    plant,
    status,
  };
  if (colour !== undefined) record.variant = { colour };
  if (made !== undefined) record.made = made;
  if (received !== undefined) record.received = received;
  if (expiry !== undefined) record.expiry = expiry;
  if (supplier !== undefined) record.supplier = supplier;
  if (supplierLot !== undefined) record.supplierLot = supplierLot;
  record.changedAt = instant(text(raw, 'UpdatedTimestamp'));
  return { record, identity: identity(lot, scope, made ?? received) };
};
