/** Posting and cancelling goods movements, with the checks and messages of the real application. */
import { Big } from 'big.js';
import type { Json } from '../../core/json.js';
import type { SapDocument, SapDocumentItem } from '../plant/model.js';
import { type Detail, ODataError } from './odata-error.js';
import { batchKey, bucketKey, documentKey, effects, type SapState } from './state.js';

type Fields = { [key: string]: Json };

interface Rule {
  debitCredit: 'S' | 'H';
  from: string;
  to?: string;
  needsOrder?: boolean;
  /** What takes it back. */
  counter: string;
}

const rules: Record<string, Rule> = {
  '101': { debitCredit: 'S', from: '01', counter: '102' },
  '102': { debitCredit: 'H', from: '01', counter: '101' },
  '201': { debitCredit: 'H', from: '01', counter: '202' },
  '261': { debitCredit: 'H', from: '01', needsOrder: true, counter: '262' },
  '262': { debitCredit: 'S', from: '01', needsOrder: true, counter: '261' },
  '301': { debitCredit: 'H', from: '01', to: '01', counter: '302' },
  '309': { debitCredit: 'H', from: '01', to: '01', counter: '310' },
  '311': { debitCredit: 'H', from: '01', to: '01', counter: '312' },
  '321': { debitCredit: 'H', from: '02', to: '01', counter: '322' },
  '322': { debitCredit: 'H', from: '01', to: '02', counter: '321' },
  '343': { debitCredit: 'H', from: '07', to: '01', counter: '344' },
  '344': { debitCredit: 'H', from: '01', to: '07', counter: '343' },
  '349': { debitCredit: 'H', from: '07', to: '02', counter: '350' },
  '350': { debitCredit: 'H', from: '02', to: '07', counter: '349' },
  '501': { debitCredit: 'S', from: '01', counter: '502' },
  '551': { debitCredit: 'H', from: '01', counter: '552' },
  '561': { debitCredit: 'S', from: '01', counter: '562' },
};

const failed = (details: Detail[]): ODataError =>
  new ODataError(400, 'MM_IM_ODATA_API_MDOC/014', 'Material Document processing failed', details);
const refuse = (code: string, message: string): ODataError => failed([{ code, message }]);

const text = (fields: Fields, name: string): string => {
  const value = fields[name];
  return value === undefined || value === null ? '' : String(value);
};

/** `2026-11-22T00:00:00` or `/Date(ms)/` as a day. */
export const dayOf = (value: Json | undefined): string | undefined => {
  if (typeof value !== 'string' || value === '') return undefined;
  const ms = /^\/Date\((-?\d+)/.exec(value)?.[1];
  return ms === undefined ? value.slice(0, 10) : new Date(Number(ms)).toISOString().slice(0, 10);
};

export const postDocument = (state: SapState, body: Fields, user: string): SapDocument => {
  const enteredAt = state.now();
  const postingDate = dayOf(body.PostingDate) ?? enteredAt.slice(0, 10);
  checkPeriod(state, postingDate);
  const sent = body.to_MaterialDocumentItem;
  const lines = Array.isArray(sent) ? sent : ((sent as Fields | undefined)?.results ?? []);
  if (!Array.isArray(lines) || lines.length === 0) throw refuse('M7/001', 'Document contains no items');
  const code = text(body, 'GoodsMovementCode');
  if (!/^0[1-6]$/.test(code)) throw refuse('MM_IM_ODATA_API_MDOC/001', `GoodsMovementCode ${code} is not allowed`);
  const items = lines.map((line, index) => newItem(state, line as Fields, String(index + 1)));
  checkDeficit(state, items);
  const year = postingDate.slice(0, 4);
  const document: SapDocument = {
    year,
    number: state.nextNumber(code === '01' || code === '02' ? '50' : '49', year),
    code,
    postingDate,
    documentDate: dayOf(body.DocumentDate) ?? postingDate,
    enteredAt,
    reference: text(body, 'ReferenceDocument').slice(0, 16),
    headerText: text(body, 'MaterialDocumentHeaderText').slice(0, 25),
    user,
    items,
  };
  for (const [index, line] of lines.entries()) createBatches(state, items[index], line as Fields);
  state.accept({ kind: 'document', document });
  return document;
};

const checkPeriod = (state: SapState, day: string): void => {
  if (day >= state.openFrom) return;
  throw refuse('M7/053', `Posting only possible in periods from ${state.openFrom.slice(0, 7)} in company code 1010`);
};

const newItem = (state: SapState, line: Fields, item: string): SapDocumentItem => {
  const material = unpadded(text(line, 'Material'));
  const plant = text(line, 'Plant');
  const storageLocation = text(line, 'StorageLocation');
  const movementType = text(line, 'GoodsMovementType');
  const batch = text(line, 'Batch').toUpperCase();
  const product = state.products.get(material);
  if (!product?.plants.includes(plant)) throw refuse('M3/351', `Material ${material} not maintained in plant ${plant}`);
  const rule = rules[movementType];
  if (!rule) throw refuse('M7/001', `Movement type ${movementType} does not exist`);
  if (storageLocation === '') throw refuse('M7/018', 'Enter Storage location');
  if (product.batchManaged && batch === '') throw refuse('M7/018', 'Enter Batch');
  if (!product.batchManaged && batch !== '') throw refuse('M7/130', `Material ${material} is not handled in batches`);
  const order = unpadded(text(line, 'ManufacturingOrder'));
  const purchaseOrder = text(line, 'PurchaseOrder');
  const refType = text(line, 'GoodsMovementRefDocType');
  if (purchaseOrder !== '' && refType !== 'B') {
    throw new ODataError(
      400,
      'MM_IM_ODATA_API_MDOC/011',
      `Property PURCHASEORDER is not supported for GoodsMovementType ${movementType}`,
    );
  }
  const receipt = movementType === '101' || movementType === '102';
  if (receipt && refType === '') throw refuse('M7/001', 'GoodsMovementRefDocType is required for movement type 101');
  if (rule.needsOrder || (receipt && refType === 'F')) checkOrder(state, order, material, receipt);
  const known = state.batches.has(batchKey({ material, plant, batch }));
  if (product.batchManaged && rule.debitCredit === 'H' && !known) {
    throw refuse('M7/042', `Batch ${batch} of material ${material} does not exist in plant ${plant}`);
  }
  const unit = text(line, 'EntryUnit') || product.baseUnit;
  const quantity = decimal(text(line, 'QuantityInEntryUnit'));
  const receiving =
    rule.to === undefined
      ? undefined
      : receivingSide(state, line, { material, plant, storageLocation, batch }, rule.to);
  if (
    rule.needsOrder === undefined &&
    receiving &&
    bucketKey(receiving) === bucketKey({ material, plant, storageLocation, batch, stockType: rule.from })
  ) {
    throw refuse('M7/034', 'Issuing and receiving stock are identical');
  }
  const factor =
    unit === product.baseUnit ? { numerator: '1', denominator: '1' } : product.units.find((one) => one.unit === unit);
  if (!factor) throw refuse('M3/300', `Unit ${unit} is not defined for material ${material}`);
  const stockType = rule.debitCredit === 'S' && receipt ? text(line, 'InventoryStockType') || rule.from : rule.from;
  return {
    item,
    material,
    plant,
    storageLocation,
    batch,
    movementType,
    stockType,
    quantity: quantity.toFixed(3),
    unit,
    baseQuantity: quantity.times(factor.numerator).div(factor.denominator).toFixed(3),
    baseUnit: product.baseUnit,
    debitCredit: rule.debitCredit,
    ...(order === '' ? {} : { order }),
    ...(purchaseOrder === '' ? {} : { purchaseOrder, purchaseOrderItem: text(line, 'PurchaseOrderItem') }),
    ...(text(line, 'Supplier') === '' ? {} : { supplier: text(line, 'Supplier') }),
    ...(receiving ? { receiving } : {}),
  };
};

const checkOrder = (state: SapState, number: string, material: string, receipt: boolean): void => {
  const order = state.orders.get(number);
  if (!order) throw refuse('CO/017', `Order ${number} not found`);
  if (!order.released || order.closed)
    throw refuse('CO/688', `Order ${number} does not allow goods movements (status)`);
  if (receipt && order.material !== material) {
    throw refuse('M7/097', `Material ${material} is not produced by order ${number}`);
  }
};

const receivingSide = (
  state: SapState,
  line: Fields,
  from: { material: string; plant: string; storageLocation: string; batch: string },
  stockType: string,
) => {
  const material = unpadded(text(line, 'IssgOrRcvgMaterial')) || from.material;
  const plant = text(line, 'IssuingOrReceivingPlant') || from.plant;
  if (!state.products.get(material)?.plants.includes(plant)) {
    throw refuse('M3/351', `Material ${material} not maintained in plant ${plant}`);
  }
  return {
    material,
    plant,
    storageLocation: text(line, 'IssuingOrReceivingStorageLoc') || from.storageLocation,
    batch: text(line, 'IssgOrRcvgBatch').toUpperCase() || from.batch,
    stockType,
  };
};

const checkDeficit = (state: SapState, items: SapDocumentItem[]): void => {
  const after = new Map<string, Big>();
  const details: Detail[] = [];
  for (const item of items) {
    for (const { bucket, delta } of effects(item)) {
      const key = bucketKey(bucket);
      const left = (after.get(key) ?? state.quantityAt(bucket)).plus(delta);
      after.set(key, left);
      if (delta.lt(0) && left.lt(0)) {
        details.push({
          code: 'M7/021',
          message: `Deficit of ${left.abs().toFixed(3)} ${item.baseUnit} of ${bucket.material} ${bucket.plant} ${bucket.storageLocation} ${bucket.batch}`,
        });
      }
    }
  }
  if (details.length > 0) throw failed(details);
};

/** A receipt, or the receiving side of a transfer, brings its batch into being. */
const createBatches = (state: SapState, item: SapDocumentItem | undefined, line: Fields): void => {
  if (!item) return;
  const source = state.batches.get(batchKey(item));
  for (const side of [item, ...(item.receiving ? [item.receiving] : [])]) {
    if (side.batch === '' || state.batches.has(batchKey(side))) continue;
    state.accept({
      kind: 'batch',
      batch: {
        material: side.material,
        plant: side.plant,
        batch: side.batch,
        made: dayOf(line.ManufactureDate) ?? source?.made ?? null,
        expiry: dayOf(line.ShelfLifeExpirationDate) ?? source?.expiry ?? null,
        supplier: item.supplier ?? source?.supplier ?? '',
        supplierLot: source?.supplierLot ?? '',
        restricted: false,
        changedAt: state.now(),
      },
    });
  }
};

/** The function imports Cancel and CancelItem: a counter document that names what it takes back. */
export const cancelDocument = (
  state: SapState,
  key: { year: string; number: string; item?: string },
  postingDay: string | undefined,
  user: string,
): SapDocument => {
  const original = state.documents.get(documentKey(key));
  if (!original) throw refuse('M7/060', `Document ${key.number} ${key.year} does not exist`);
  const wanted = original.items.filter((one) => key.item === undefined || Number(one.item) === Number(key.item));
  const items = wanted.filter((one) => !one.cancelled && one.reversedDocument === undefined);
  if (items.length === 0) throw refuse('M7/158', `Document ${key.number} is already cancelled`);
  const postingDate = postingDay ?? original.postingDate;
  checkPeriod(state, postingDate);
  const counters = items.map(
    (item, index): SapDocumentItem => ({
      ...item,
      item: String(index + 1),
      movementType: rules[item.movementType]?.counter ?? item.movementType,
      debitCredit: item.debitCredit === 'S' ? 'H' : 'S',
      reversedDocument: { year: original.year, number: original.number, item: item.item },
    }),
  );
  checkDeficit(state, counters);
  const enteredAt = state.now();
  const year = postingDate.slice(0, 4);
  const document: SapDocument = {
    year,
    number: state.nextNumber('49', year),
    code: '06',
    postingDate,
    documentDate: postingDate,
    enteredAt,
    reference: original.reference,
    headerText: '',
    user,
    items: counters,
  };
  state.accept({ kind: 'document', document });
  return document;
};

const decimal = (value: string): Big => {
  if (!/^\d+(\.\d{1,3})?$/.test(value) || new Big(value).eq(0)) {
    throw new ODataError(400, '/IWBEP/CM_MGW_RT/106', `Invalid value '${value}' for property 'QuantityInEntryUnit'`);
  }
  return new Big(value);
};

/** The external form of a number: leading zeros go, if it is all digits. */
export const unpadded = (value: string): string => (/^\d+$/.test(value) ? value.replace(/^0+(?=\d)/, '') : value);
