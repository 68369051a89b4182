/**
 * The nine stock bills: which way each moves stock, and under which field keys it keeps quantity, lot and place
 * (systems/kingdee.md §1.10).
 */
import type { KingdeeForm } from '../plant/model.js';

export interface BillForm {
  form: KingdeeForm;
  name: string;
  /** Key of the entry entity; the entry's id is `<entity>_FEntryID`. */
  entity: string;
  direction: 'in' | 'out' | 'both';
  quantity: string;
  baseQuantity: string;
  stock: string;
  stockStatus: string;
  /** Production bills name their order. */
  order?: 'FMoBillNo';
  /** Head fields of the partner and the delivery. */
  supplier?: string;
  customer?: string;
  delivery?: string;
  note: 'FNote' | 'FDescription';
}

const usual = { entity: 'FEntity', stock: 'FStockId', stockStatus: 'FStockStatusId', note: 'FNote' } as const;
const production = { ...usual, order: 'FMoBillNo', note: 'FDescription' } as const;

export const billForms: readonly BillForm[] = [
  {
    ...usual,
    form: 'STK_InStock',
    name: '采购入库单',
    entity: 'FInStockEntry',
    direction: 'in',
    quantity: 'FRealQty',
    baseQuantity: 'FBaseUnitQty',
    supplier: 'FSupplierId',
    delivery: 'FDeliveryBill',
  },
  {
    ...usual,
    form: 'SAL_OUTSTOCK',
    name: '销售出库单',
    direction: 'out',
    quantity: 'FRealQty',
    baseQuantity: 'FBaseUnitQty',
    customer: 'FCustomerID',
    delivery: 'FCarriageNO',
  },
  {
    ...usual,
    form: 'SAL_RETURNSTOCK',
    name: '销售退货单',
    direction: 'in',
    quantity: 'FRealQty',
    baseQuantity: 'FBaseUnitQty',
    customer: 'FRetcustId',
    delivery: 'FCarriageNO',
  },
  {
    ...production,
    form: 'PRD_PickMtrl',
    name: '生产领料单',
    direction: 'out',
    quantity: 'FActualQty',
    baseQuantity: 'FBaseActualQty',
  },
  {
    ...production,
    form: 'PRD_ReturnMtrl',
    name: '生产退料单',
    direction: 'in',
    quantity: 'FQty',
    baseQuantity: 'FBaseQty',
  },
  {
    ...production,
    form: 'PRD_INSTOCK',
    name: '生产入库单',
    direction: 'in',
    quantity: 'FRealQty',
    baseQuantity: 'FBaseRealQty',
  },
  {
    ...usual,
    form: 'STK_MISCELLANEOUS',
    name: '其他入库单',
    direction: 'in',
    quantity: 'FQty',
    baseQuantity: 'FBaseQty',
  },
  {
    ...usual,
    form: 'STK_MisDelivery',
    name: '其他出库单',
    direction: 'out',
    quantity: 'FQty',
    baseQuantity: 'FBaseQty',
  },
  {
    ...usual,
    form: 'STK_TransferDirect',
    name: '直接调拨单',
    entity: 'FBillEntry',
    direction: 'both',
    quantity: 'FQty',
    baseQuantity: 'FBaseQty',
    stock: 'FSrcStockId',
    stockStatus: 'FSrcStockStatusId',
  },
];

export const billForm = (formId: string): BillForm | undefined =>
  billForms.find((form) => form.form.toLowerCase() === formId.toLowerCase());
