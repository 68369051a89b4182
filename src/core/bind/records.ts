/** A record of one system as it is looked at when the records of two systems are matched for the first time. */
export const bindEntities = ['material', 'lot', 'partner', 'location', 'order'] as const;
export type BindEntity = (typeof bindEntities)[number];

export interface BindRecord {
  /** The system's own key, as the alias has it. */
  key: string;
  scope: string;
  code: string;
  name: string;
  spec: string;
  /** UN/ECE Rec 20; empty where there is none. */
  unit: string;
  gtin: string;
  /** The number that it had before. */
  oldCode: string;
  plant: string;
  /** Of a lot: its material as this system writes it, and what the hub knows the number for. */
  lot?: {
    material: string;
    /** The hub's own material, where this system's is bound; else empty. */
    materialId: string;
    variant: Record<string, string>;
    identity: string;
    made: string;
    supplierLot: string;
  };
}

export const bindRecord = (key: string, scope: string, more: Partial<BindRecord>): BindRecord => ({
  ...{ key, scope, code: key, name: '', spec: '', unit: '', gtin: '', oldCode: '', plant: '' },
  ...more,
});
