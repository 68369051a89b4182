/** The fields of each form, as FieldKeys, FilterString and QueryBusinessInfo know them, and how to read them. */
import { createHash } from 'node:crypto';
import type Big from 'big.js';
import type { KingdeeBill, KingdeeBillEntry, KingdeeLot, KingdeeMaterial, KingdeeOrder } from '../plant/model.js';
import { type BillForm, billForms } from './bill-forms.js';
import type { FieldKind, Value } from './filter.js';
import { counts, type KingdeeState, type StockRow } from './state.js';

export interface Field<Row> {
  key: string;
  label: string;
  kind: FieldKind;
  entity: string;
  must: boolean;
  get(row: Row): Value;
}

/** A form as the query engine sees it, its rows already flattened by entry. */
export interface QueryForm<Row = unknown> {
  form: string;
  name: string;
  fields: Map<string, Field<Row>>;
  rows(state: KingdeeState): Row[];
}

type Spec<Row> = [key: string, label: string, kind: FieldKind, get: (row: Row) => Value, must?: 'must'];

const build = <Row>(
  form: string,
  name: string,
  entities: Record<string, Spec<Row>[]>,
  rows: (state: KingdeeState) => Row[],
): QueryForm<Row> => ({
  form,
  name,
  rows,
  fields: new Map(
    Object.entries(entities).flatMap(([entity, specs]) =>
      specs.map(([key, label, kind, get, must]) => [
        key.toLowerCase(),
        { key, label, kind, entity, must: must === 'must', get },
      ]),
    ),
  ),
});

const num = (value: number | string): string => String(value);
/** Base quantity in another unit of the material, at Kingdee's ten decimals. */
const inUnit = (base: Big, unit: string, material: KingdeeMaterial | undefined): string => {
  if (material === undefined || unit === material.baseUnit) return base.toFixed();
  const factor = material.units.find((u) => u.unit === unit);
  return factor ? base.times(factor.denominator).div(factor.numerator).round(10).toFixed() : base.toFixed();
};

const materialForm = build<KingdeeMaterial>(
  'BD_MATERIAL',
  '物料',
  {
    FBillHead: [
      ['FMATERIALID', '内码', 'number', (m) => num(m.id)],
      ['FMasterId', '主内码', 'number', (m) => num(m.masterId)],
      ['FNumber', '编码', 'text', (m) => m.number],
      ['FName', '名称', 'text', (m) => m.name, 'must'],
      ['FSpecification', '规格型号', 'text', (m) => m.spec],
      ['FOldNumber', '旧物料编码', 'text', (m) => m.oldNumber],
      ['FBarCode', '条码', 'text', (m) => m.barcode],
      ['FMaterialGroup.FNumber', '物料分组', 'text', (m) => m.group],
      ['FCreateOrgId.FNumber', '创建组织', 'text', (m) => m.createOrg, 'must'],
      ['FUseOrgId.FNumber', '使用组织', 'text', (m) => m.useOrg, 'must'],
      ['FDocumentStatus', '数据状态', 'text', (m) => m.status],
      ['FForbidStatus', '禁用状态', 'text', (m) => m.forbid],
      ['FCreateDate', '创建日期', 'date', (m) => m.createdAt],
      ['FModifyDate', '修改日期', 'date', (m) => m.changedAt],
      ['FApproveDate', '审核日期', 'date', (m) => m.approvedAt],
    ],
    SubHeadEntity: [
      ['FErpClsID', '物料属性', 'text', (m) => m.erpClass],
      ['FBaseUnitId.FNumber', '基本单位', 'text', (m) => m.baseUnit, 'must'],
      ['FIsInventory', '允许库存', 'bool', () => true],
    ],
    SubHeadEntity1: [
      ['FStoreUnitID.FNumber', '库存单位', 'text', (m) => m.storeUnit],
      ['FIsBatchManage', '启用批号管理', 'bool', (m) => m.batchManaged],
      ['FIsKFPeriod', '启用保质期管理', 'bool', (m) => m.kfPeriod],
      ['FExpPeriod', '保质期', 'number', (m) => num(m.shelfLifeDays)],
      ['FExpUnit', '保质期单位', 'text', (m) => (m.kfPeriod ? 'D' : ' ')],
    ],
  },
  (state) => [...state.materials.values()],
);

const lotForm = (state: KingdeeState) =>
  build<KingdeeLot>(
    'BD_BatchMainFile',
    '批号主档',
    {
      FBillHead: [
        ['FLotId', '内码', 'number', (l) => num(l.id)],
        ['FNumber', '批号', 'text', (l) => l.number],
        ['FName', '名称', 'text', (l) => l.number],
        ['FMaterialId.FNumber', '物料编码', 'text', (l) => l.material],
        ['FMaterialId.FName', '物料名称', 'text', (l) => state.material(l.useOrg, l.material)?.name ?? ''],
        ['FUseOrgId.FNumber', '使用组织', 'text', (l) => l.useOrg],
        ['FCreateOrgId.FNumber', '创建组织', 'text', (l) => l.useOrg],
        ['FAuxPropertyId.FF100001.FNumber', '辅助属性.颜色', 'text', (l) => l.aux],
        ['FBizType', '业务类型', 'text', () => '1'],
        ['FLotStatus', '批号状态', 'text', () => '1'],
        ['FDocumentStatus', '数据状态', 'text', () => 'C'],
        ['FForbidStatus', '禁用状态', 'text', () => 'A'],
        ['FProduceDate', '生产日期', 'date', (l) => l.made],
        ['FExpiryDate', '有效期至', 'date', (l) => l.expiry],
        ['FSupplyId.FNumber', '供应商', 'text', (l) => l.supplier],
        ['FSupplyLot', '供应商批号', 'text', (l) => l.supplierLot],
        ['FModifyDate', '修改日期', 'date', (l) => l.changedAt],
      ],
    },
    () => [...state.lots.values()],
  );

/** A row's GUID: the same for the same row, as long as the plant exists. */
export const inventoryId = (key: string): string => {
  const hex = createHash('sha256').update(key).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
};

const inventoryForm = (state: KingdeeState) => {
  const material = (r: StockRow) => state.material(r.org, r.material);
  const lot = (r: StockRow) => state.lot(r.org, r.material, r.lot);
  const storeQuantity = (r: StockRow) => inUnit(r.quantity, material(r)?.storeUnit ?? '', material(r));
  return build<StockRow>(
    'STK_Inventory',
    '即时库存',
    {
      FBillHead: [
        ['FID', '内码', 'text', (r) => inventoryId(r.key)],
        ['FStockOrgId.FNumber', '库存组织', 'text', (r) => r.org],
        ['FStockId.FNumber', '仓库编码', 'text', (r) => r.stock],
        ['FStockId.FName', '仓库名称', 'text', (r) => state.stocks.find((s) => s.number === r.stock)?.name ?? ''],
        ['FMaterialId.FNumber', '物料编码', 'text', (r) => r.material],
        ['FMaterialId.FName', '物料名称', 'text', (r) => material(r)?.name ?? ''],
        ['FAuxPropId.FF100001.FNumber', '辅助属性.颜色', 'text', (r) => r.aux],
        ['FAuxPropId.FF100001.FName', '辅助属性.颜色', 'text', (r) => r.aux],
        ['FLot.FNumber', '批号', 'text', (r) => r.lot],
        ['FStockStatusId.FNumber', '库存状态', 'text', (r) => r.status],
        ['FOwnerTypeId', '货主类型', 'text', () => 'BD_OwnerOrg'],
        ['FOwnerId.FNumber', '货主', 'text', (r) => r.org],
        ['FKeeperTypeId', '保管者类型', 'text', () => 'BD_KeeperOrg'],
        ['FKeeperId.FNumber', '保管者', 'text', (r) => r.org],
        ['FBaseUnitId.FNumber', '基本单位', 'text', (r) => material(r)?.baseUnit ?? ''],
        ['FBaseQty', '库存量(基本单位)', 'number', (r) => r.quantity.toFixed()],
        ['FStockUnitId.FNumber', '库存主单位', 'text', (r) => material(r)?.storeUnit ?? ''],
        ['FQty', '库存量(主单位)', 'number', storeQuantity],
        ['FBaseLockQty', '锁库量(基本单位)', 'number', () => '0'],
        ['FBaseAVBQty', '可用量(基本单位)', 'number', (r) => r.quantity.toFixed()],
        ['FProduceDate', '生产日期', 'date', (r) => lot(r)?.made ?? null],
        ['FExpiryDate', '有效期至', 'date', (r) => lot(r)?.expiry ?? null],
        ['FUpdateTime', '最后更新日期', 'date', (r) => r.updatedAt],
      ],
    },
    () => [...state.inventory.values()],
  );
};

const orderForm = (state: KingdeeState) =>
  build<KingdeeOrder>(
    'PRD_MO',
    '生产订单',
    {
      FBillHead: [
        ['FID', '内码', 'number', (o) => num(o.id)],
        ['FBillNo', '单据编号', 'text', (o) => o.billNo],
        ['FDate', '单据日期', 'date', (o) => o.start],
        ['FPrdOrgId.FNumber', '生产组织', 'text', (o) => o.org],
        ['FDocumentStatus', '单据状态', 'text', (o) => o.documentStatus],
        ['FCancelStatus', '作废状态', 'text', () => 'A'],
        ['FModifyDate', '修改日期', 'date', (o) => o.changedAt],
      ],
      FTreeEntity: [
        ['FTreeEntity_FEntryId', '分录内码', 'number', (o) => num(o.entryId)],
        ['FMaterialId.FNumber', '物料编码', 'text', (o) => o.material],
        ['FMaterialId.FName', '物料名称', 'text', (o) => state.material(o.org, o.material)?.name ?? ''],
        ['FLot.FNumber', '批号', 'text', (o) => o.lot],
        ['FQty', '数量', 'number', (o) => o.quantity],
        ['FUnitId.FNumber', '单位', 'text', (o) => o.unit],
        ['FWorkShopID.FNumber', '生产车间', 'text', (o) => o.workshop],
        ['FPlanStartDate', '计划开工时间', 'date', (o) => o.start],
        ['FPlanFinishDate', '计划完工时间', 'date', (o) => o.end],
        ['FStatus', '业务状态', 'text', (o) => o.status],
      ],
    },
    () => state.orders,
  );

export interface BillRow {
  bill: KingdeeBill;
  entry: KingdeeBillEntry;
}

/** A changed bill is another one: after a write only its rows are made anew. */
const billRows = new WeakMap<KingdeeBill, BillRow[]>();
const rowsOf = (bill: KingdeeBill): BillRow[] => {
  const rows = billRows.get(bill) ?? bill.entries.map((entry) => ({ bill, entry }));
  billRows.set(bill, rows);
  return rows;
};

const billQueryForm = (state: KingdeeState, form: BillForm) => {
  type Specs = Spec<BillRow>[];
  const partner = (key: string | undefined, label: string, of: (bill: KingdeeBill) => string | undefined): Specs =>
    key === undefined ? [] : [[key, label, 'text', ({ bill }) => of(bill) ?? '']];
  const transfer: Specs =
    form.direction !== 'both'
      ? []
      : [
          ['FDestStockId.FNumber', '调入仓库', 'text', ({ entry }) => entry.destStock ?? '', 'must'],
          ['FDestLot.FNumber', '调入批号', 'text', ({ entry }) => entry.destLot ?? ''],
          ['FDestStockStatusId.FNumber', '调入库存状态', 'text', ({ entry }) => entry.destStockStatus ?? ''],
        ];
  const organisations: Specs =
    form.direction === 'both'
      ? [
          ['FStockOutOrgId.FNumber', '调出库存组织', 'text', ({ bill }) => bill.org, 'must'],
          ['FStockOrgId.FNumber', '调入库存组织', 'text', ({ bill, entry }) => entry.destOrg ?? bill.org, 'must'],
        ]
      : [['FStockOrgId.FNumber', '库存组织', 'text', ({ bill }) => bill.org, 'must']];
  return build<BillRow>(
    form.form,
    form.name,
    {
      FBillHead: [
        ['FID', '内码', 'number', ({ bill }) => num(bill.id)],
        ['FBillNo', '单据编号', 'text', ({ bill }) => bill.billNo],
        ['FDate', '日期', 'date', ({ bill }) => bill.date, 'must'],
        ['FDocumentStatus', '单据状态', 'text', ({ bill }) => bill.status],
        ['FCancelStatus', '作废状态', 'text', ({ bill }) => (bill.cancelled ? 'B' : 'A')],
        ...organisations,
        ...(form.order ? ([['FPrdOrgId.FNumber', '生产组织', 'text', ({ bill }) => bill.org]] satisfies Specs) : []),
        ...partner(form.supplier && `${form.supplier}.FNumber`, '供应商', (bill) => bill.supplier),
        ...partner(form.customer && `${form.customer}.FNumber`, '客户', (bill) => bill.customer),
        ...partner(form.delivery, '运输单号', (bill) => bill.delivery),
        [form.note, '备注', 'text', ({ bill }) => bill.note],
        ['FCreateDate', '创建日期', 'date', ({ bill }) => bill.createdAt],
        ['FModifyDate', '最后修改日期', 'date', ({ bill }) => bill.changedAt],
        ['FApproveDate', '审核日期', 'date', ({ bill }) => bill.approvedAt],
      ],
      [form.entity]: [
        [`${form.entity}_FEntryID`, '分录内码', 'number', ({ entry }) => num(entry.entryId)],
        ['FMaterialId.FNumber', '物料编码', 'text', ({ entry }) => entry.material, 'must'],
        [
          'FMaterialId.FName',
          '物料名称',
          'text',
          ({ bill, entry }) => state.material(bill.org, entry.material)?.name ?? '',
        ],
        ['FAuxPropId.FF100001.FNumber', '辅助属性.颜色', 'text', ({ entry }) => entry.aux],
        [
          'FLot.FNumber',
          '批号',
          'text',
          // The lot master comes into being with the audit; before it only the text stands in the entry.
          ({ bill, entry }) => (counts(bill) || state.lot(bill.org, entry.material, entry.lot) ? entry.lot : ''),
        ],
        ['FLot_Text', '批号', 'text', ({ entry }) => entry.lot],
        ['FUnitID.FNumber', '单位', 'text', ({ entry }) => entry.unit, 'must'],
        [form.quantity, '实际数量', 'number', ({ entry }) => entry.quantity, 'must'],
        ['FBaseUnitId.FNumber', '基本单位', 'text', ({ entry }) => entry.baseUnit],
        [form.baseQuantity, '基本单位数量', 'number', ({ entry }) => entry.baseQuantity],
        [`${form.stock}.FNumber`, '仓库', 'text', ({ entry }) => entry.stock, 'must'],
        [`${form.stockStatus}.FNumber`, '库存状态', 'text', ({ entry }) => entry.stockStatus],
        ...transfer,
        ...(form.order
          ? ([['FMoBillNo', '生产订单编号', 'text', ({ entry }) => entry.order ?? '']] satisfies Specs)
          : []),
        ['FProduceDate', '生产日期', 'date', ({ entry }) => entry.made ?? null],
        ['FExpiryDate', '有效期至', 'date', ({ entry }) => entry.expiry ?? null],
        ['FSupplyLot', '供应商批号', 'text', ({ entry }) => entry.supplierLot ?? ''],
        ['FStockFlag', '库存更新标志', 'bool', ({ bill }) => counts(bill)],
      ],
    },
    () => {
      const rows: BillRow[] = [];
      for (const bill of state.bills.values()) if (bill.form === form.form) rows.push(...rowsOf(bill));
      return rows;
    },
  );
};

/** Hides the row's type: a query goes through the same steps for each form. */
const erase = <Row>(form: QueryForm<Row>): QueryForm => form as unknown as QueryForm;

/** Every form of the server, by its id in lower case. */
export const queryForms = (state: KingdeeState): Map<string, QueryForm> =>
  new Map(
    [
      erase(materialForm),
      erase(lotForm(state)),
      erase(inventoryForm(state)),
      erase(orderForm(state)),
      ...billForms.map((form) => erase(billQueryForm(state, form))),
    ].map((form) => [form.form.toLowerCase(), form]),
  );
