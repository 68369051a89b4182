/** The streams of SAP: which service and set each comes from, in which order it is read, and what its keys look like. */
import type { RawRecord } from '../contract.js';
import type { OrderField } from './keyset.js';
import { isObject } from './values.js';

export interface SapStream {
  service: string;
  set: string;
  expand: string[];
  /** The order of a complete read: the key. */
  key: OrderField[];
  /** The order of changes, when the set has one: ends with the key. */
  changes?: OrderField[];
  /** One entity becomes these records. */
  records(entity: RawRecord): RawRecord[];
  /** A complete read is in the order of changes from the beginning. */
  fromBeginning: boolean;
}

const text = (name: string): OrderField => ({ name, type: 'text' });
const same = (entity: RawRecord): RawRecord[] => [entity];

/** Each item with its header, as `to_MaterialDocumentHeader`. */
const itemsWithHeader = (entity: RawRecord): RawRecord[] => {
  const { to_MaterialDocumentItem: items, ...header } = entity;
  return (Array.isArray(items) ? items : [])
    .filter(isObject)
    .map((item) => ({ ...item, to_MaterialDocumentHeader: header }));
};

export const sapStreams: Record<string, SapStream> = {
  product: {
    service: 'API_PRODUCT_SRV',
    set: 'A_Product',
    expand: ['to_Description', 'to_Plant', 'to_ProductUnitsOfMeasure', 'to_ProductStorage'],
    key: [text('Product')],
    changes: [{ name: 'LastChangeDateTime', type: 'instant' }, text('Product')],
    records: same,
    fromBeginning: false,
  },
  batch: {
    service: 'API_BATCH_SRV',
    set: 'Batch',
    expand: [],
    key: [text('Material'), text('BatchIdentifyingPlant'), text('Batch')],
    changes: [
      { name: 'LastChangeDateTime', type: 'instant' },
      text('Material'),
      text('BatchIdentifyingPlant'),
      text('Batch'),
    ],
    records: same,
    fromBeginning: false,
  },
  stock: {
    service: 'API_MATERIAL_STOCK_SRV',
    set: 'A_MatlStkInAcctMod',
    expand: [],
    key: [
      'Material',
      'Plant',
      'StorageLocation',
      'Batch',
      'InventoryStockType',
      'InventorySpecialStockType',
      'Supplier',
      'Customer',
      'WBSElementInternalID',
      'SDDocument',
      'SDDocumentItem',
    ].map(text),
    records: same,
    fromBeginning: false,
  },
  document: {
    service: 'API_MATERIAL_DOCUMENT_SRV',
    set: 'A_MaterialDocumentHeader',
    expand: ['to_MaterialDocumentItem'],
    key: [text('MaterialDocumentYear'), text('MaterialDocument')],
    // Numbers come from several ranges (49…, 50…), so only the time of entry says what is new.
    changes: [
      { name: 'CreationDate', type: 'day' },
      { name: 'CreationTime', type: 'time' },
      text('MaterialDocumentYear'),
      text('MaterialDocument'),
    ],
    records: itemsWithHeader,
    fromBeginning: true,
  },
  order: {
    service: 'API_PRODUCTION_ORDER_2_SRV',
    set: 'A_ProductionOrder_2',
    expand: ['to_ProductionOrderItem', 'to_ProductionOrderComponent'],
    key: [text('ManufacturingOrder')],
    changes: [text('LastChangeDateTime'), text('ManufacturingOrder')],
    records: same,
    fromBeginning: false,
  },
};
