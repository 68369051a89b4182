/** The five services: their entity sets, and how the plant's masters, stock and documents look in them. */
import type { SapBatch, SapDocument, SapDocumentItem, SapOrder, SapProduct } from '../plant/model.js';
import { dayValue, type EdmType, type EntitySet, instantValue, type Row, type Service, timeValue } from './edm.js';
import { batchKey, documentKey, type SapState } from './state.js';

const properties = (text: string): Record<string, EdmType> =>
  Object.fromEntries(
    text
      .trim()
      .split(/\s+/)
      .map((word) => {
        const [name = '', type = 'String'] = word.split(':');
        return [name, type as EdmType];
      }),
  );

export const createServices = (state: SapState): Service[] => [
  productService(state),
  batchService(state),
  stockService(state),
  documentService(state),
  orderService(state),
];

const productRow = (product: SapProduct): Row => ({
  Product: product.product,
  ProductType: product.type,
  CrossPlantStatus: '',
  CreationDate: dayValue(product.changedAt),
  CreatedByUser: 'MASTER',
  LastChangeDate: dayValue(product.changedAt),
  LastChangedByUser: 'MASTER',
  LastChangeDateTime: instantValue(product.changedAt),
  IsMarkedForDeletion: product.deleted,
  ProductOldID: product.oldNumber,
  GrossWeight: '0.000',
  NetWeight: '0.000',
  WeightUnit: 'KG',
  ProductGroup: product.group,
  BaseUnit: product.baseUnit,
  ProductStandardID: product.gtin,
  SizeOrDimensionText: '',
  IsBatchManagementRequired: product.batchManaged,
  SerialNumberProfile: '',
});

const found = <T>(record: T | undefined, row: (record: T) => Row): Row | undefined => record && row(record);

const productService = (state: SapState): Service => {
  const all = () => [...state.products.values()];
  const of = (row: Row) => {
    const found = state.products.get(String(row.Product));
    return found ? [found] : [];
  };
  const descriptions = (product: SapProduct): Row[] => [
    { Product: product.product, Language: 'EN', ProductDescription: product.descriptionEn },
    { Product: product.product, Language: 'ZH', ProductDescription: product.descriptionZh },
  ];
  const plants = (product: SapProduct): Row[] =>
    product.plants.map((plant) => ({
      Product: product.product,
      Plant: plant,
      BaseUnit: product.baseUnit,
      IsMarkedForDeletion: product.deleted,
      IsBatchManagementRequired: product.batchManaged,
      ProcurementType: product.type === 'HALB' || product.type === 'FERT' ? 'E' : 'F',
      SerialNumberProfile: '',
      IsNegativeStockAllowed: false,
    }));
  const units = (product: SapProduct): Row[] =>
    [
      { unit: product.baseUnit, numerator: '1', denominator: '1' },
      ...product.units.filter((one) => one.unit !== product.baseUnit),
    ].map((one) => ({
      Product: product.product,
      AlternativeUnit: one.unit,
      QuantityNumerator: one.numerator,
      QuantityDenominator: one.denominator,
      GlobalTradeItemNumber: one.unit === product.baseUnit ? product.gtin : '',
      BaseUnit: product.baseUnit,
    }));
  const storage = (product: SapProduct): Row[] => [
    {
      Product: product.product,
      StorageConditions: '',
      MinRemainingShelfLife: '0',
      TotalShelfLife: String(product.shelfLifeDays),
      ShelfLifeExpirationDatePeriod: '',
      BaseUnit: product.baseUnit,
    },
  ];
  const child = (name: string, keys: string[], words: string, rows: (product: SapProduct) => Row[]): EntitySet => ({
    name,
    type: `${name}Type`,
    keys,
    properties: properties(words),
    navigations: [],
    rows: () => all().flatMap(rows),
  });
  return {
    name: 'API_PRODUCT_SRV',
    namespace: 'API_PRODUCT_SRV',
    component: 'LO-MD-MM',
    functions: [],
    sets: [
      {
        name: 'A_Product',
        type: 'A_ProductType',
        keys: ['Product'],
        properties: properties(
          'Product ProductType CrossPlantStatus CreationDate:DateTime CreatedByUser LastChangeDate:DateTime LastChangedByUser LastChangeDateTime:DateTimeOffset IsMarkedForDeletion:Boolean ProductOldID GrossWeight:Decimal NetWeight:Decimal WeightUnit ProductGroup BaseUnit ProductStandardID SizeOrDimensionText IsBatchManagementRequired:Boolean SerialNumberProfile',
        ),
        navigations: [
          {
            name: 'to_Description',
            target: 'A_ProductDescription',
            many: true,
            rows: (row) => of(row).flatMap(descriptions),
          },
          { name: 'to_Plant', target: 'A_ProductPlant', many: true, rows: (row) => of(row).flatMap(plants) },
          {
            name: 'to_ProductUnitsOfMeasure',
            target: 'A_ProductUnitsOfMeasure',
            many: true,
            rows: (row) => of(row).flatMap(units),
          },
          {
            name: 'to_ProductStorage',
            target: 'A_ProductStorage',
            many: false,
            rows: (row) => of(row).flatMap(storage),
          },
        ],
        rows: () => all().map(productRow),
        find: ([key = '']) => found(state.products.get(key), productRow),
      },
      child('A_ProductDescription', ['Product', 'Language'], 'Product Language ProductDescription', descriptions),
      child(
        'A_ProductPlant',
        ['Product', 'Plant'],
        'Product Plant BaseUnit IsMarkedForDeletion:Boolean IsBatchManagementRequired:Boolean ProcurementType SerialNumberProfile IsNegativeStockAllowed:Boolean',
        plants,
      ),
      child(
        'A_ProductUnitsOfMeasure',
        ['Product', 'AlternativeUnit'],
        'Product AlternativeUnit QuantityNumerator:Decimal QuantityDenominator:Decimal GlobalTradeItemNumber BaseUnit',
        units,
      ),
      child(
        'A_ProductStorage',
        ['Product'],
        'Product StorageConditions MinRemainingShelfLife:Decimal TotalShelfLife:Decimal ShelfLifeExpirationDatePeriod BaseUnit',
        storage,
      ),
    ],
  };
};

export const batchRow = (batch: SapBatch): Row => ({
  Material: batch.material,
  BatchIdentifyingPlant: batch.plant,
  Batch: batch.batch,
  BatchIsMarkedForDeletion: false,
  MatlBatchIsInRstrcdUseStock: batch.restricted,
  Supplier: batch.supplier,
  BatchBySupplier: batch.supplierLot,
  CountryOfOrigin: '',
  MatlBatchAvailabilityDate: null,
  ShelfLifeExpirationDate: dayValue(batch.expiry),
  ManufactureDate: dayValue(batch.made),
  CreationDateTime: instantValue(batch.changedAt),
  LastChangeDateTime: instantValue(batch.changedAt),
});

const batchService = (state: SapState): Service => ({
  name: 'API_BATCH_SRV',
  namespace: 'cds_api_batch_srv',
  component: 'LO-BM',
  functions: [],
  sets: [
    {
      name: 'Batch',
      type: 'BatchType',
      keys: ['Material', 'BatchIdentifyingPlant', 'Batch'],
      properties: properties(
        'Material BatchIdentifyingPlant Batch BatchIsMarkedForDeletion:Boolean MatlBatchIsInRstrcdUseStock:Boolean Supplier BatchBySupplier CountryOfOrigin MatlBatchAvailabilityDate:DateTime ShelfLifeExpirationDate:DateTime ManufactureDate:DateTime CreationDateTime:DateTimeOffset LastChangeDateTime:DateTimeOffset',
      ),
      navigations: [],
      rows: () => [...state.batches.values()].map(batchRow),
      find: ([material = '', plant = '', batch = '']) =>
        found(state.batches.get(batchKey({ material, plant, batch })), batchRow),
      etag: (row) => `W/"datetimeoffset'${new Date(Number(row.LastChangeDateTime)).toISOString()}'"`,
    },
  ],
});

const stockService = (state: SapState): Service => ({
  name: 'API_MATERIAL_STOCK_SRV',
  namespace: 'API_MATERIAL_STOCK_SRV',
  component: 'MM-IM',
  functions: [],
  sets: [
    {
      name: 'A_MatlStkInAcctMod',
      type: 'A_MatlStkInAcctModType',
      keys: [
        'Material',
        'Plant',
        'StorageLocation',
        'Batch',
        'Supplier',
        'Customer',
        'WBSElementInternalID',
        'SDDocument',
        'SDDocumentItem',
        'InventorySpecialStockType',
        'InventoryStockType',
      ],
      properties: properties(
        'Material Plant StorageLocation Batch Supplier Customer WBSElementInternalID SDDocument SDDocumentItem InventorySpecialStockType InventoryStockType WBSElementExternalID MaterialBaseUnit MatlWrhsStkQtyInMatlBaseUnit:Decimal',
      ),
      navigations: [],
      rows: () =>
        [...state.stock.values()]
          .filter(({ bucket, quantity }) => bucket.storageLocation !== '' && !quantity.eq(0))
          .map(({ bucket, quantity }) => ({
            Material: bucket.material,
            Plant: bucket.plant,
            StorageLocation: bucket.storageLocation,
            Batch: bucket.batch,
            Supplier: '',
            Customer: '',
            WBSElementInternalID: '',
            SDDocument: '',
            SDDocumentItem: '000000',
            InventorySpecialStockType: '',
            InventoryStockType: bucket.stockType,
            WBSElementExternalID: '',
            MaterialBaseUnit: state.products.get(bucket.material)?.baseUnit ?? '',
            MatlWrhsStkQtyInMatlBaseUnit: quantity.toFixed(Math.max(3, quantity.c.length - 1 - quantity.e)),
          })),
    },
  ],
});

export const headerRow = (document: SapDocument): Row => ({
  MaterialDocumentYear: document.year,
  MaterialDocument: document.number,
  InventoryTransactionType: 'WA',
  DocumentDate: dayValue(document.documentDate),
  PostingDate: dayValue(document.postingDate),
  CreationDate: dayValue(document.enteredAt),
  CreationTime: timeValue(document.enteredAt),
  CreatedByUser: document.user,
  MaterialDocumentHeaderText: document.headerText,
  ReferenceDocument: document.reference,
  GoodsMovementCode: document.code,
});

/** Nothing of a document's header ever changes, and after each posting somebody looks for one among all. */
const headerRows = new WeakMap<SapDocument, Row>();
const knownHeaderRow = (document: SapDocument): Row => {
  const row = headerRows.get(document) ?? headerRow(document);
  headerRows.set(document, row);
  return row;
};

const itemRow = (document: SapDocument, item: SapDocumentItem, state: SapState): Row => {
  const batch = state.batches.get([item.material, item.plant, item.batch].join('\u0000'));
  return {
    MaterialDocumentYear: document.year,
    MaterialDocument: document.number,
    MaterialDocumentItem: item.item,
    Material: item.material,
    Plant: item.plant,
    StorageLocation: item.storageLocation,
    Batch: item.batch,
    GoodsMovementType: item.movementType,
    InventoryStockType: item.stockType,
    InventorySpecialStockType: '',
    Supplier: item.supplier ?? '',
    Customer: item.customer ?? '',
    PurchaseOrder: item.purchaseOrder ?? '',
    PurchaseOrderItem: (item.purchaseOrderItem ?? '').replace(/^0+/, ''),
    Delivery: item.delivery ?? '',
    ManufacturingOrder: item.order ?? '',
    ManufacturingOrderItem: item.order && /^10/.test(item.movementType) ? '1' : '',
    GoodsMovementRefDocType:
      item.order && /^10/.test(item.movementType) ? 'F' : item.purchaseOrder ? 'B' : item.delivery ? 'L' : '',
    GoodsMovementReasonCode: '0',
    MaterialBaseUnit: item.baseUnit,
    QuantityInBaseUnit: item.baseQuantity,
    EntryUnit: item.unit,
    QuantityInEntryUnit: item.quantity,
    IssgOrRcvgMaterial: item.receiving?.material ?? '',
    IssgOrRcvgBatch: item.receiving?.batch ?? '',
    IssuingOrReceivingPlant: item.receiving?.plant ?? '',
    IssuingOrReceivingStorageLoc: item.receiving?.storageLocation ?? '',
    IssuingOrReceivingStockType: item.receiving?.stockType ?? '',
    ShelfLifeExpirationDate: dayValue(batch?.expiry ?? null),
    ManufactureDate: dayValue(batch?.made ?? null),
    GoodsMovementIsCancelled: item.cancelled ?? false,
    ReversedMaterialDocumentYear: item.reversedDocument?.year ?? '',
    ReversedMaterialDocument: item.reversedDocument?.number ?? '',
    ReversedMaterialDocumentItem: item.reversedDocument?.item ?? '',
    DebitCreditCode: item.debitCredit,
  };
};

const documentService = (state: SapState): Service => {
  const find = (row: Row) => state.documents.get(`${row.MaterialDocumentYear}/${row.MaterialDocument}`);
  const items = (document: SapDocument) => document.items.map((item) => itemRow(document, item, state));
  return {
    name: 'API_MATERIAL_DOCUMENT_SRV',
    namespace: 'API_MATERIAL_DOCUMENT_SRV',
    component: 'MM-IM',
    functions: [
      {
        name: 'Cancel',
        returns: 'A_MaterialDocumentHeader',
        parameters: { MaterialDocumentYear: 'String', MaterialDocument: 'String', PostingDate: 'DateTime' },
      },
      {
        name: 'CancelItem',
        returns: 'A_MaterialDocumentItem',
        parameters: {
          MaterialDocumentYear: 'String',
          MaterialDocument: 'String',
          MaterialDocumentItem: 'String',
          PostingDate: 'DateTime',
        },
      },
    ],
    sets: [
      {
        name: 'A_MaterialDocumentHeader',
        type: 'A_MaterialDocumentHeaderType',
        keys: ['MaterialDocumentYear', 'MaterialDocument'],
        properties: properties(
          'MaterialDocumentYear MaterialDocument InventoryTransactionType DocumentDate:DateTime PostingDate:DateTime CreationDate:DateTime CreationTime:Time CreatedByUser MaterialDocumentHeaderText ReferenceDocument GoodsMovementCode',
        ),
        navigations: [
          {
            name: 'to_MaterialDocumentItem',
            target: 'A_MaterialDocumentItem',
            many: true,
            rows: (row) => {
              const document = find(row);
              return document ? items(document) : [];
            },
          },
        ],
        rows: () => Array.from(state.documents.values(), knownHeaderRow),
        find: ([year = '', number = '']) => found(state.documents.get(documentKey({ year, number })), headerRow),
      },
      {
        name: 'A_MaterialDocumentItem',
        type: 'A_MaterialDocumentItemType',
        keys: ['MaterialDocumentYear', 'MaterialDocument', 'MaterialDocumentItem'],
        properties: properties(
          'MaterialDocumentYear MaterialDocument MaterialDocumentItem Material Plant StorageLocation Batch GoodsMovementType InventoryStockType InventorySpecialStockType Supplier Customer PurchaseOrder PurchaseOrderItem Delivery ManufacturingOrder ManufacturingOrderItem GoodsMovementRefDocType GoodsMovementReasonCode MaterialBaseUnit QuantityInBaseUnit:Decimal EntryUnit QuantityInEntryUnit:Decimal IssgOrRcvgMaterial IssgOrRcvgBatch IssuingOrReceivingPlant IssuingOrReceivingStorageLoc IssuingOrReceivingStockType ShelfLifeExpirationDate:DateTime ManufactureDate:DateTime GoodsMovementIsCancelled:Boolean ReversedMaterialDocumentYear ReversedMaterialDocument ReversedMaterialDocumentItem DebitCreditCode',
        ),
        navigations: [
          {
            name: 'to_MaterialDocumentHeader',
            target: 'A_MaterialDocumentHeader',
            many: false,
            rows: (row) => {
              const document = find(row);
              return document ? [headerRow(document)] : [];
            },
          },
        ],
        rows: () => [...state.documents.values()].flatMap(items),
      },
    ],
  };
};

const orderService = (state: SapState): Service => {
  const progress = (order: SapOrder) => state.progress.get(order.order);
  const items = (order: SapOrder): Row[] => [
    {
      ManufacturingOrder: order.order,
      ManufacturingOrderItem: '1',
      Material: order.material,
      ProductionPlant: order.plant,
      Batch: order.batch,
      MfgOrderItemPlannedTotalQty: order.quantity,
      MfgOrderItemGoodsReceiptQty: progress(order)?.received.toFixed(3) ?? '0.000',
      ProductionUnit: order.unit,
    },
  ];
  const components = (order: SapOrder): Row[] =>
    order.components.map((component, index) => ({
      Reservation: order.order.padStart(10, '0'),
      ReservationItem: String(index + 1),
      ManufacturingOrder: order.order,
      Material: component.material,
      Plant: order.plant,
      Batch: '',
      GoodsMovementType: '261',
      RequiredQuantity: component.quantity,
      WithdrawnQuantity: progress(order)?.withdrawn.get(component.material)?.toFixed(3) ?? '0.000',
      BaseUnit: component.unit,
    }));
  const all = () => [...state.orders.values()];
  const of = (row: Row) => {
    const order = state.orders.get(String(row.ManufacturingOrder));
    return order ? [order] : [];
  };
  return {
    name: 'API_PRODUCTION_ORDER_2_SRV',
    namespace: 'API_PRODUCTION_ORDER_2_SRV',
    component: 'PP-SFC',
    functions: [],
    sets: [
      {
        name: 'A_ProductionOrder_2',
        type: 'A_ProductionOrder_2Type',
        keys: ['ManufacturingOrder'],
        properties: properties(
          'ManufacturingOrder ManufacturingOrderType OrderIsReleased OrderIsTechnicallyCompleted OrderIsClosed OrderIsMarkedForDeletion Material ProductionPlant TotalQuantity:Decimal ProductionUnit MfgOrderConfirmedYieldQty:Decimal MfgOrderPlannedStartDate:DateTime MfgOrderPlannedEndDate:DateTime LastChangeDateTime',
        ),
        navigations: [
          {
            name: 'to_ProductionOrderItem',
            target: 'A_ProductionOrderItem_2',
            many: true,
            rows: (row) => of(row).flatMap(items),
          },
          {
            name: 'to_ProductionOrderComponent',
            target: 'A_ProductionOrderComponent_2',
            many: true,
            rows: (row) => of(row).flatMap(components),
          },
        ],
        rows: () =>
          all().map((order) => ({
            ManufacturingOrder: order.order,
            ManufacturingOrderType: 'PP01',
            OrderIsReleased: order.released ? 'X' : '',
            OrderIsTechnicallyCompleted: '',
            OrderIsClosed: order.closed ? 'X' : '',
            OrderIsMarkedForDeletion: '',
            Material: order.material,
            ProductionPlant: order.plant,
            TotalQuantity: order.quantity,
            ProductionUnit: order.unit,
            MfgOrderConfirmedYieldQty: progress(order)?.received.toFixed(3) ?? '0.000',
            MfgOrderPlannedStartDate: dayValue(order.start),
            MfgOrderPlannedEndDate: dayValue(order.end),
            LastChangeDateTime: order.changedAt.slice(0, 19).replace(/[-:T]/g, ''),
          })),
        etag: (row) => `W/"'${row.LastChangeDateTime}'"`,
      },
      {
        name: 'A_ProductionOrderItem_2',
        type: 'A_ProductionOrderItem_2Type',
        keys: ['ManufacturingOrder', 'ManufacturingOrderItem'],
        properties: properties(
          'ManufacturingOrder ManufacturingOrderItem Material ProductionPlant Batch MfgOrderItemPlannedTotalQty:Decimal MfgOrderItemGoodsReceiptQty:Decimal ProductionUnit',
        ),
        navigations: [],
        rows: () => all().flatMap(items),
      },
      {
        name: 'A_ProductionOrderComponent_2',
        type: 'A_ProductionOrderComponent_2Type',
        keys: ['Reservation', 'ReservationItem'],
        properties: properties(
          'Reservation ReservationItem ManufacturingOrder Material Plant Batch GoodsMovementType RequiredQuantity:Decimal WithdrawnQuantity:Decimal BaseUnit',
        ),
        navigations: [],
        rows: () => all().flatMap(components),
      },
    ],
  };
};
