/** How each system writes units, places, statuses and lot numbers. The mapping files of the sandbox say the same. */
import { dayOfYear, fromDayOfYear } from './calendar.js';
import type { Lot, Role, Scope, Status, SystemName, Unit } from './fact.js';

export const unitWords: Record<Unit, Record<SystemName, string>> = {
  KGM: { sap: 'KG', kingdee: 'kg', wms: 'KG', mes: 'kg' },
  GRM: { sap: 'G', kingdee: 'g', wms: 'GM', mes: 'g' },
  C62: { sap: 'ST', kingdee: 'Pcs', wms: 'EA', mes: 'pc' },
  XBX: { sap: 'KAR', kingdee: 'Box', wms: 'BOX', mes: 'box' },
};

export const erpLocations: Record<Scope, Partial<Record<Role, string>>> = {
  '1010': { raw: '0101', finished: '0103', cold: '0104', line: '0150' },
  '200': { raw: 'CK01', finished: 'CK02', cold: 'CK03', line: 'XB01' },
  '210': { trade: 'CK21' },
};

export const wmsZones: Record<Scope, Partial<Record<Role, string>>> = {
  '1010': { raw: '10R', finished: '10F', cold: '10C' },
  '200': { raw: '20R', finished: '20F', cold: '20C' },
  '210': { trade: '21T' },
};

export const statusWords: Record<Status, { sap: string; kingdee: string; wms: string }> = {
  unrestricted: { sap: '01', kingdee: 'KCZT01_SYS', wms: 'Available' },
  inspection: { sap: '02', kingdee: 'KCZT02_SYS', wms: 'Quality' },
  blocked: { sap: '07', kingdee: 'KCZT03_SYS', wms: 'Hold' },
};

/** Line of plant 1010 → letter in the SAP batch; line of plant 200 → digit in the Kingdee lot; scope → site in the WMS batch. */
export const lineLetters: Record<string, string> = { '3': 'A', '4': 'B', '5': 'C' };
export const lineDigits: Record<string, string> = { '1': '0', '2': '1' };
export const siteCodes: Record<Scope, string> = { '1010': 'S1', '200': 'K2', '210': 'K3' };

const three = (seq: number): string => String(seq).padStart(3, '0');
const compact = (day: string): string => day.replaceAll('-', '');
const short = (day: string): string => compact(day).slice(2);

const noLot: Record<SystemName, string> = { sap: '', kingdee: '', wms: 'N/A', mes: '无' };

const made = (lot: Pick<Lot, 'date' | 'line' | 'seq' | 'scope'>, system: SystemName): string => {
  switch (system) {
    case 'sap':
      return `${short(lot.date)}${lineLetters[lot.line] ?? '?'}${three(lot.seq)}`;
    case 'kingdee':
      return `B${compact(lot.date)}-${lineDigits[lot.line] ?? '?'}${three(lot.seq)}`;
    case 'wms':
      return `${siteCodes[lot.scope]}-${short(lot.date)}-${lot.line}-${three(lot.seq)}`;
    case 'mes':
      return `L${lot.line}-${lot.date.slice(2, 4)}${three(dayOfYear(lot.date))}-${three(lot.seq)}`;
  }
};

const received = (date: string, seq: number, system: SystemName): string => {
  if (system === 'sap') return `R${short(date)}${three(seq)}`;
  if (system === 'kingdee') return `RM${compact(date)}-${three(seq)}`;
  return `R${short(date)}-${three(seq)}`;
};

/** The lot as the system writes it; an MES shift lot when a shift is named. */
export const lotText = (lot: Lot, system: SystemName, shift?: number): string => {
  if (lot.format === 'none') return noLot[system];
  if (lot.format === 'free') return `LOT${lot.seq}`;
  if (lot.format === 'received') return received(lot.date, lot.seq, system);
  return system === 'mes' && shift !== undefined ? `${made(lot, 'mes')}-S${shift}` : made(lot, system);
};

const dummies = new Set(['', 'N/A', '无', '0', '*']);
const expand = (yymmdd: string): string => `20${yymmdd.slice(0, 2)}-${yymmdd.slice(2, 4)}-${yymmdd.slice(4, 6)}`;

/** A WMS or MES lot text as the ERP of its scope writes it; empty for no lot, the text itself where no format fits. */
export const toErpLot = (text: string, scope: Scope): string => {
  if (dummies.has(text)) return '';
  const erp: SystemName = scope === '1010' ? 'sap' : 'kingdee';
  const arrived = /^R(\d{6})-(\d{3})$/.exec(text);
  if (arrived) return received(expand(arrived[1] ?? ''), Number(arrived[2]), erp);
  const wms = /^(?:S1|K2|K3)-(\d{6})-(\d)-(\d{3})$/.exec(text);
  if (wms) return made({ date: expand(wms[1] ?? ''), line: Number(wms[2]), seq: Number(wms[3]), scope }, erp);
  const mes = /^L(\d)-(\d{2})(\d{3})-(\d{3})(?:-S\d)?$/.exec(text);
  if (!mes) return text;
  const date = fromDayOfYear(`20${mes[2] ?? ''}`, Number(mes[3]));
  return made({ date, line: Number(mes[1]), seq: Number(mes[4]), scope }, erp);
};
