/**
 * The simulated plant: what really happened (facts) and what each system has on record of it (seeds).
 *
 * The generator makes all of it from a seed and a size; each server loads its own seed. Seeds are in the system's own
 * words (codes, lot texts, units, locations), as plain values: the server turns them into its wire format. Quantities
 * are decimal text. Instants are local to the plant without zone (`2026-11-01T06:30:00`), zone Asia/Shanghai (+08:00).
 */
export interface PlantOptions {
  seed: number;
  /** 1 = about 300 materials, 3,000 lots, 30 days. Beyond 40 the days do not grow busier: there are more of them. */
  size: number;
  /** Instead of 300 × size. */
  materials?: number;
  /** Go-live is the start of this day, `yyyy-MM-dd`; the first day lies 29 days before, more in a large plant. */
  lastDay: string;
}

export interface Plant {
  options: PlantOptions;
  goLive: string;
  sap: SapSeed;
  kingdee: KingdeeSeed;
  wms: WmsSeed;
  mes: MesSeed;
  truth: Truth;
}

// --- SAP, plant 1010 -------------------------------------------------------------------------------------------------

export interface SapSeed {
  products: SapProduct[];
  batches: SapBatch[];
  orders: SapOrder[];
  /** Stock is what these documents leave; opening stock is movement type 561 on the first day. */
  documents: SapDocument[];
}

export interface SapProduct {
  /** Unpadded: `100231`, or alphanumeric `FG-0012`. */
  product: string;
  descriptionEn: string;
  descriptionZh: string;
  type: 'ROH' | 'VERP' | 'HALB' | 'FERT';
  group: string;
  /** SAP unit code: KG, G, ST, KAR. */
  baseUnit: string;
  batchManaged: boolean;
  shelfLifeDays: number;
  gtin: string;
  oldNumber: string;
  /** base = alternative × numerator ÷ denominator */
  units: { unit: string; numerator: string; denominator: string }[];
  plants: string[];
  deleted: boolean;
  changedAt: string;
}

export interface SapBatch {
  material: string;
  /** Plant-level batches: `1010`. */
  plant: string;
  batch: string;
  made: string | null;
  expiry: string | null;
  supplier: string;
  /** BatchBySupplier, 15 characters. */
  supplierLot: string;
  restricted: boolean;
  changedAt: string;
}

export interface SapOrder {
  /** Unpadded `1000123`. */
  order: string;
  material: string;
  plant: string;
  quantity: string;
  unit: string;
  batch: string;
  start: string;
  end: string;
  released: boolean;
  closed: boolean;
  components: { material: string; quantity: string; unit: string }[];
  changedAt: string;
}

export interface SapDocument {
  year: string;
  number: string;
  /** GoodsMovementCode 01…06. */
  code: string;
  postingDate: string;
  documentDate: string;
  enteredAt: string;
  reference: string;
  headerText: string;
  user: string;
  items: SapDocumentItem[];
}

export interface SapDocumentItem {
  item: string;
  material: string;
  plant: string;
  storageLocation: string;
  batch: string;
  movementType: string;
  /** InventoryStockType 01 unrestricted, 02 quality inspection, 07 blocked. */
  stockType: string;
  quantity: string;
  unit: string;
  baseQuantity: string;
  baseUnit: string;
  /** S adds to stock, H takes from it. Two-sided movements (301, 309, 311, 321 …) are one item; the other side stands in `receiving`. */
  debitCredit: 'S' | 'H';
  order?: string;
  purchaseOrder?: string;
  purchaseOrderItem?: string;
  supplier?: string;
  customer?: string;
  delivery?: string;
  receiving?: { material: string; plant: string; storageLocation: string; batch: string; stockType: string };
  cancelled?: boolean;
  reversedDocument?: { year: string; number: string; item: string };
}

// --- Kingdee K3Cloud, plant 200: use orgs 200 and 210 ------------------------------------------------------------------

export interface KingdeeSeed {
  materials: KingdeeMaterial[];
  lots: KingdeeLot[];
  orders: KingdeeOrder[];
  /** Stock is what the audited bills leave; opening stock is STK_MISCELLANEOUS on the first day. */
  bills: KingdeeBill[];
  stocks: { number: string; name: string; org: string }[];
  /** Use orgs. */
  orgs: { id: number; number: string; name: string }[];
}

/** One row for each use org that the material is allocated to. */
export interface KingdeeMaterial {
  id: number;
  masterId: number;
  number: string;
  name: string;
  spec: string;
  /** Hub-wide code of a material that SAP owns too. */
  oldNumber: string;
  barcode: string;
  group: string;
  useOrg: string;
  createOrg: string;
  /** 1 purchased, 2 made, 3 … as FErpClsID. */
  erpClass: string;
  /** Kingdee unit number: kg, g, Pcs, Box. */
  baseUnit: string;
  storeUnit: string;
  batchManaged: boolean;
  kfPeriod: boolean;
  shelfLifeDays: number;
  /** Whether stock of it is split by the aux property (colour). */
  hasAux: boolean;
  status: 'A' | 'B' | 'C' | 'D';
  forbid: 'A' | 'B';
  createdAt: string;
  changedAt: string;
  approvedAt: string | null;
  units: { unit: string; numerator: string; denominator: string }[];
}

export interface KingdeeLot {
  id: number;
  number: string;
  material: string;
  useOrg: string;
  aux: string;
  made: string | null;
  expiry: string | null;
  supplier: string;
  supplierLot: string;
  changedAt: string;
}

export interface KingdeeOrder {
  id: number;
  entryId: number;
  billNo: string;
  org: string;
  material: string;
  lot: string;
  quantity: string;
  unit: string;
  workshop: string;
  start: string;
  end: string;
  /** FStatus 1…7. */
  status: string;
  documentStatus: 'A' | 'B' | 'C' | 'D' | 'Z';
  changedAt: string;
}

export type KingdeeForm =
  | 'STK_InStock'
  | 'SAL_OUTSTOCK'
  | 'SAL_RETURNSTOCK'
  | 'PRD_PickMtrl'
  | 'PRD_ReturnMtrl'
  | 'PRD_INSTOCK'
  | 'STK_MISCELLANEOUS'
  | 'STK_MisDelivery'
  | 'STK_TransferDirect';

export interface KingdeeBill {
  form: KingdeeForm;
  id: number;
  billNo: string;
  org: string;
  date: string;
  /** Only `C` moves stock. */
  status: 'A' | 'B' | 'C' | 'D' | 'Z';
  cancelled: boolean;
  /** Grows with each un-audit and audit. */
  revision: number;
  createdAt: string;
  changedAt: string;
  approvedAt: string | null;
  note: string;
  supplier?: string;
  customer?: string;
  delivery?: string;
  entries: KingdeeBillEntry[];
}

export interface KingdeeBillEntry {
  entryId: number;
  material: string;
  lot: string;
  aux: string;
  quantity: string;
  unit: string;
  baseQuantity: string;
  baseUnit: string;
  stock: string;
  /** KCZT01_SYS available, KCZT02_SYS inspection, KCZT03_SYS frozen. */
  stockStatus: string;
  order?: string;
  made?: string | null;
  expiry?: string | null;
  supplierLot?: string;
  /** STK_TransferDirect. */
  destStock?: string;
  destLot?: string;
  destStockStatus?: string;
  destOrg?: string;
}

// --- WMS (the shape of Manhattan Active), both plants --------------------------------------------------------------------

export interface WmsSeed {
  items: WmsItem[];
  batches: WmsBatch[];
  locations: { locationId: string; zone: string; facility: string }[];
  /** Stock is what these leave; opening stock is type OPENING on the first day. */
  transactions: WmsTransaction[];
}

export interface WmsItem {
  /** Hub-wide code. */
  itemId: string;
  description: string;
  spec: string;
  /** EA, KG, GM, BOX. */
  baseUom: string;
  itemType: string;
  barcode: string;
  lotControlled: boolean;
  shelfLifeDays: number;
  status: 'Active' | 'Inactive';
  boxFactor: string | null;
  updatedAt: string;
}

export interface WmsBatch {
  itemId: string;
  batchNumber: string;
  /** BusinessUnitId: `1010`, `200`, `210`. */
  businessUnit: string;
  colour: string;
  made: string | null;
  received: string | null;
  expiry: string | null;
  supplier: string;
  supplierLot: string;
  status: 'Available' | 'Hold' | 'Quality';
  updatedAt: string;
}

export interface WmsTransaction {
  id: number;
  /** `T0000123`; several lines may share it. */
  transactionId: string;
  line: number;
  type: 'OPENING' | 'RECEIPT' | 'TRANSFER' | 'SHIP' | 'RETURN' | 'MERGE' | 'ADJUST' | 'STATUS';
  facility: string;
  businessUnit: string;
  itemId: string;
  batchNumber: string;
  colour: string;
  /** Where the stock became another batch (MERGE). */
  toBatchNumber: string;
  quantity: string;
  uom: string;
  baseQuantity: string;
  baseUom: string;
  /** Bin, or `LINE-<facility>` for the line side (which the WMS does not keep stock of), empty for outside. */
  fromLocation: string;
  toLocation: string;
  fromStatus: string;
  toStatus: string;
  delivery: string;
  partner: string;
  supplierLot: string;
  happenedAt: string;
  enteredAt: string;
  user: string;
  /** REVERSED transactions have a counter transaction that names them. */
  reverses: string;
  state: 'DONE' | 'REVERSED';
}

// --- MES (a database), both plants -----------------------------------------------------------------------------------------

export interface MesSeed {
  items: {
    itemNo: string;
    itemName: string;
    itemSpec: string;
    uom: string;
    lotControlled: boolean;
    shelfLifeDays: number;
    active: boolean;
    updatedAt: string;
  }[];
  lots: {
    lotNo: string;
    itemNo: string;
    site: string;
    scope: string;
    colour: string;
    made: string | null;
    received: string | null;
    expiry: string | null;
    supplierLot: string;
    status: 'OK' | 'HOLD';
    updatedAt: string;
  }[];
  orders: {
    orderNo: string;
    itemNo: string;
    site: string;
    line: string;
    quantity: string;
    uom: string;
    lotNo: string;
    status: string;
    updatedAt: string;
  }[];
  /** Consumption and production of the shop floor. */
  movements: MesMovement[];
}

export interface MesMovement {
  /** Grows by one each; the cursor. */
  seq: number;
  docNo: string;
  lineNo: number;
  revision: number;
  kind: 'CONSUME' | 'PRODUCE' | 'RETURN' | 'MERGE' | 'TRANSFER_IN' | 'TRANSFER_OUT' | 'OPENING' | 'ADJUST';
  site: string;
  scope: string;
  line: string;
  shift: string;
  orderNo: string;
  operation: string;
  equipment: string;
  operator: string;
  itemNo: string;
  lotNo: string;
  colour: string;
  toLotNo: string;
  quantity: string;
  uom: string;
  happenedAt: string;
  enteredAt: string;
  reverses: string;
}

// --- Truth -------------------------------------------------------------------------------------------------------------------

/** truth.json: what the hub must find. Keys of design.md §9; materials are hub codes, lots the plant's ERP number. */
export interface Truth {
  seed: number;
  goLive: string;
  faults: Fault[];
  traces: TruthTrace[];
  /** The documents that the hub must have written in each ERP after the first night, and nothing else. */
  expectedDocuments: ExpectedDocument[];
}

export interface Fault {
  cause: string;
  kind: string;
  systems: string[];
  plant: string;
  location: string;
  material: string;
  lot: string;
  /** Usability of the stock; a status fault has a row for each side, as location, lot-swap and lot-unmapped have. */
  status?: string;
  /** Signed: what the first named system has more than the second, in the base unit. Empty for masters. */
  quantity: string;
  unit: string;
  document: string;
}

export interface TruthTrace {
  lot: string;
  material: string;
  scope: string;
  direction: 'forward' | 'backward';
  complete: boolean;
  /** `id` is free; compare by (kind, material, lot, scope, plant) and for transformations by `document`. */
  nodes: {
    id: string;
    kind: 'lot' | 'transformation';
    material: string;
    lot: string;
    scope: string;
    plant: string;
    depth: number;
    document?: string;
  }[];
  links: { from: string; to: string; quantity: string; unit: string; kind: string }[];
}

export interface ExpectedDocument {
  system: 'sap' | 'kingdee';
  /** The MES or WMS document that it comes from. */
  source: { system: 'mes' | 'wms'; document: string };
  kind: 'issue' | 'produce' | 'transfer' | 'merge';
  plant: string;
  order: string;
  lines: {
    material: string;
    lot: string;
    toLot?: string;
    colour?: string;
    quantity: string;
    unit: string;
    from: string;
    to: string;
  }[];
}
