/**
 * What really happened in the plants: lots, orders and facts in the plant's own terms, before any system writes them down.
 *
 * A place is a role inside a lot's scope (raw store, finished store, cold store, line side, trade store); each system
 * has its own word for it. Quantities are exact decimals in the material's base unit.
 */
import type Big from 'big.js';

export type PlantCode = '1010' | '200';
export type Scope = '1010' | '200' | '210';
export type Role = 'raw' | 'finished' | 'cold' | 'line' | 'trade';
export type Status = 'unrestricted' | 'inspection' | 'blocked';
export type Unit = 'KGM' | 'GRM' | 'C62' | 'XBX';
export type SystemName = 'sap' | 'kingdee' | 'wms' | 'mes';

export interface Material {
  /** Hub-wide code. */
  code: string;
  /** Number in SAP, where SAP has it. */
  sap: string | null;
  /** Number in Kingdee, where Kingdee has it. */
  kingdee: string | null;
  scopes: Scope[];
  kind: 'raw' | 'packaging' | 'semi' | 'finished';
  unit: Unit;
  nameEn: string;
  nameZh: string;
  spec: string;
  gtin: string;
  tracked: boolean;
  colours: string[];
  shelfLifeDays: number;
  /** Base units in one box. */
  boxFactor: string | null;
  cold: boolean;
  /** Weighed on the line in grams although it is kept in kilograms. */
  weighedInGrams: boolean;
  /** Made in 1010 and delivered to 200, where it is an ingredient. */
  intercompany: boolean;
  changedAt: string;
}

export interface Recipe {
  material: Material;
  scope: '1010' | '200';
  components: { material: Material; perUnit: string }[];
}

export interface Lot {
  id: number;
  material: Material;
  scope: Scope;
  /** `none` is the stock of a material that is not tracked by lot. */
  format: 'made' | 'received' | 'free' | 'none';
  date: string;
  line: number;
  seq: number;
  colour: string;
  made: string | null;
  received: string | null;
  expiry: string | null;
  supplier: string;
  supplierLot: string;
  createdAt: string;
  /** Index of the day on which it came into being. */
  day: number;
  /** Shifts that made it; the MES has a lot for each. */
  shifts: number[];
  /** The lot of the other plant that it was before the delivery. */
  sourceLot?: Lot;
}

export interface Order {
  number: string;
  scope: '1010' | '200';
  material: Material;
  lot: Lot;
  quantity: Big;
  line: number;
  day: number;
  start: string;
  end: string;
  components: { material: Material; quantity: Big }[];
}

export type FactKind =
  | 'opening'
  | 'receive'
  | 'transfer'
  | 'consume'
  | 'produce'
  | 'ship'
  | 'merge'
  | 'status'
  | 'return';

export interface FactLine {
  lot: Lot;
  quantity: Big;
  from?: Role;
  to?: Role;
  fromStatus: Status;
  toStatus: Status;
  toLot?: Lot;
  shift?: number;
  /** Entered in boxes of the material's factor. */
  boxes?: Big;
  /** The lot as somebody mistyped it, in one system. */
  mistyped?: string;
}

export interface Fact {
  id: number;
  kind: FactKind;
  day: number;
  at: string;
  scope: Scope;
  lines: FactLine[];
  line?: number;
  order?: Order;
  operation?: string;
  delivery?: string;
  partner?: string;
  /** Left just before go-live. */
  late?: boolean;
  /** Entered in the ERP, but not audited: moves nothing there. */
  pending?: boolean;
  /** Times that the ERP's bill was audited, changed and audited again. */
  revision?: number;
}

/** All that happened, in the order of time. */
export interface History {
  days: string[];
  goLive: string;
  materials: Material[];
  lots: Lot[];
  orders: Order[];
  facts: Fact[];
  /** Supplier lots that the WMS was told of on the last day; nothing of them has arrived. */
  announced: Lot[];
}

export const plantOf = (scope: Scope): PlantCode => (scope === '1010' ? '1010' : '200');
export const erpOf = (scope: Scope): 'sap' | 'kingdee' => (scope === '1010' ? 'sap' : 'kingdee');

/** Where stock of the material is kept outside the line. */
export const storeOf = (material: Material, scope: Scope): Role => {
  if (scope === '210') return 'trade';
  if (material.kind !== 'finished' || (material.intercompany && scope === '200')) return 'raw';
  return material.cold ? 'cold' : 'finished';
};
