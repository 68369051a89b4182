/** The streams of the connector: which form each one is, its keys, and the fields that are read unless more are asked for. */
import type { StreamCapabilities } from '../contract.js';

export interface KingdeeStream {
  form: string;
  /** The record's id; several rows with one id are the lines of one document. */
  id: string;
  idType: 'number' | 'text';
  /** Present where changes can be asked for. */
  modified?: string;
  /** What `keys` of a read means. */
  key: string;
  fields: string[];
  filter?: string;
  write?: 'bill' | 'material';
}

const bill = (form: string, entity: string, fields: string, write?: 'bill'): KingdeeStream => ({
  form,
  id: 'FID',
  idType: 'number',
  modified: 'FModifyDate',
  key: 'FBillNo',
  fields: [
    'FID',
    'FBillNo',
    'FDate',
    'FDocumentStatus',
    'FCancelStatus',
    'FStockOrgId.FNumber',
    'FCreateDate',
    'FModifyDate',
    'FApproveDate',
    `${entity}_FEntryID`,
    'FMaterialId.FNumber',
    'FAuxPropId.FF100001.FNumber',
    'FLot.FNumber',
    'FLot_Text',
    'FUnitID.FNumber',
    'FBaseUnitId.FNumber',
    'FProduceDate',
    'FExpiryDate',
    ...fields.split(' '),
  ],
  ...(write ? { write } : {}),
});

const place = 'FStockId.FNumber FStockStatusId.FNumber';

export const streams: Record<string, KingdeeStream> = {
  material: {
    form: 'BD_MATERIAL',
    id: 'FMATERIALID',
    idType: 'number',
    modified: 'FModifyDate',
    key: 'FNumber',
    fields: (
      'FMATERIALID FMasterId FNumber FName FSpecification FOldNumber FBarCode FMaterialGroup.FNumber ' +
      'FCreateOrgId.FNumber FUseOrgId.FNumber FErpClsID FBaseUnitId.FNumber FStoreUnitID.FNumber FIsBatchManage ' +
      'FIsKFPeriod FExpPeriod FExpUnit FDocumentStatus FForbidStatus FCreateDate FModifyDate FApproveDate'
    ).split(' '),
    write: 'material',
  },
  lot: {
    form: 'BD_BatchMainFile',
    id: 'FLotId',
    idType: 'number',
    modified: 'FModifyDate',
    key: 'FNumber',
    fields: (
      'FLotId FNumber FMaterialId.FNumber FUseOrgId.FNumber FAuxPropertyId.FF100001.FNumber FLotStatus ' +
      'FDocumentStatus FForbidStatus FProduceDate FExpiryDate FSupplyId.FNumber FSupplyLot FModifyDate'
    ).split(' '),
    // Serial numbers share the form.
    filter: "FBizType='1'",
  },
  stock: {
    form: 'STK_Inventory',
    id: 'FID',
    idType: 'text',
    key: 'FMaterialId.FNumber',
    fields: (
      'FID FStockOrgId.FNumber FStockId.FNumber FMaterialId.FNumber FAuxPropId.FF100001.FNumber FLot.FNumber ' +
      'FStockStatusId.FNumber FOwnerTypeId FOwnerId.FNumber FKeeperTypeId FKeeperId.FNumber FBaseUnitId.FNumber ' +
      'FBaseQty FStockUnitId.FNumber FQty FBaseLockQty FProduceDate FExpiryDate'
    ).split(' '),
    // Rows that are used up stay on record.
    filter: 'FBaseQty<>0',
  },
  order: {
    form: 'PRD_MO',
    id: 'FID',
    idType: 'number',
    modified: 'FModifyDate',
    key: 'FBillNo',
    fields: (
      'FID FBillNo FDate FPrdOrgId.FNumber FDocumentStatus FCancelStatus FModifyDate FTreeEntity_FEntryId ' +
      'FMaterialId.FNumber FLot.FNumber FQty FUnitId.FNumber FWorkShopID.FNumber FPlanStartDate FPlanFinishDate FStatus'
    ).split(' '),
  },
  STK_InStock: bill(
    'STK_InStock',
    'FInStockEntry',
    `FRealQty FBaseUnitQty ${place} FSupplierId.FNumber FSupplyLot FDeliveryBill FNote`,
  ),
  SAL_OUTSTOCK: bill('SAL_OUTSTOCK', 'FEntity', `FRealQty FBaseUnitQty ${place} FCustomerID.FNumber FCarriageNO FNote`),
  SAL_RETURNSTOCK: bill(
    'SAL_RETURNSTOCK',
    'FEntity',
    `FRealQty FBaseUnitQty ${place} FRetcustId.FNumber FCarriageNO FNote`,
  ),
  PRD_PickMtrl: bill('PRD_PickMtrl', 'FEntity', `FActualQty FBaseActualQty ${place} FMoBillNo FDescription`, 'bill'),
  PRD_ReturnMtrl: bill('PRD_ReturnMtrl', 'FEntity', `FQty FBaseQty ${place} FMoBillNo FDescription`),
  PRD_INSTOCK: bill('PRD_INSTOCK', 'FEntity', `FRealQty FBaseRealQty ${place} FMoBillNo FDescription`, 'bill'),
  STK_MISCELLANEOUS: bill('STK_MISCELLANEOUS', 'FEntity', `FQty FBaseQty ${place} FNote`),
  STK_MisDelivery: bill('STK_MisDelivery', 'FEntity', `FQty FBaseQty ${place} FNote`),
  STK_TransferDirect: bill(
    'STK_TransferDirect',
    'FBillEntry',
    'FQty FBaseQty FStockOutOrgId.FNumber FSrcStockId.FNumber FSrcStockStatusId.FNumber FDestStockId.FNumber FDestLot.FNumber FDestStockStatusId.FNumber FNote',
    'bill',
  ),
};

export const capabilitiesOf = (stream: KingdeeStream): StreamCapabilities => ({
  read: true,
  incremental: stream.modified !== undefined,
  counts: false,
  write: stream.write !== undefined,
  ...(stream.write === 'bill'
    ? { idempotency: 'key' as const }
    : stream.write
      ? { idempotency: 'naturalKey' as const }
      : {}),
  discover: true,
});
