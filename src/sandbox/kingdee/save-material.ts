/** Save of BD_MATERIAL and its allocation to further organisations. */
import type { KingdeeMaterial } from '../plant/model.js';
import { reference, refuse } from './save-bill.js';
import type { KingdeeState } from './state.js';
import { isObject, type JsonObject, KingdeeRefusal, MsgCode, member, text, truthy } from './wire.js';

/** The Model with its sub-entities' fields beside its own. */
const flat = (model: JsonObject): JsonObject =>
  Object.assign(
    {},
    ...Object.entries(model)
      .filter(([key]) => /^SubHeadEntity/i.test(key))
      .map(([, value]) => (isObject(value) ? value : {})),
    model,
  );

export const saveMaterial = (state: KingdeeState, model: JsonObject): KingdeeMaterial => {
  const fields = flat(model);
  const id = Number(text(member(fields, 'FMATERIALID')) || '0');
  const old = id === 0 ? undefined : state.materials.get(id);
  if (id !== 0 && old === undefined) throw new KingdeeRefusal(MsgCode.noData, `内码为${id}的物料不存在`);
  if (old !== undefined && (old.status === 'B' || old.status === 'C')) {
    throw new KingdeeRefusal(MsgCode.notOperable, '单据已审核，不允许修改');
  }
  const given = (key: string, before: string | undefined): string =>
    member(fields, key) === undefined ? (before ?? '') : text(member(fields, key));
  const referenced = (key: string, before: string | undefined): string => reference(fields, key) || (before ?? '');
  const flag = (key: string, before: boolean | undefined): boolean =>
    member(fields, key) === undefined ? (before ?? false) : truthy(member(fields, key));

  const createOrg = referenced('FCreateOrgId', old?.createOrg);
  const useOrg = referenced('FUseOrgId', old?.useOrg) || createOrg;
  if (createOrg === '') throw refuse('字段[创建组织]是必录字段', 'FCreateOrgId');
  for (const org of [createOrg, useOrg]) {
    if (!state.orgs.some((one) => one.number === org)) throw refuse(`组织[${org}]不存在`, 'FUseOrgId');
  }
  const name = given('FName', old?.name);
  if (name === '') throw refuse('字段[名称]是必录字段', 'FName');
  const baseUnit = referenced('FBaseUnitId', old?.baseUnit);
  if (baseUnit === '') throw refuse('字段[基本单位]是必录字段', 'FBaseUnitId');
  if (!['kg', 'g', 'Pcs', 'Box'].includes(baseUnit)) throw refuse(`单位[${baseUnit}]不存在`, 'FBaseUnitId');
  const now = state.stamp();
  const newId = id || state.nextId();
  const number = given('FNumber', old?.number) || `M${String(newId).padStart(6, '0')}`;
  const holder = state.material(useOrg, number);
  if (holder !== undefined && holder.id !== id) {
    throw refuse(`违反字段唯一性要求：编码[${number}]在组织[${useOrg}]中已存在`, 'FNumber');
  }
  return {
    id: newId,
    masterId: old?.masterId ?? newId,
    number,
    name,
    spec: given('FSpecification', old?.spec),
    oldNumber: given('FOldNumber', old?.oldNumber),
    barcode: given('FBarCode', old?.barcode),
    group: referenced('FMaterialGroup', old?.group),
    useOrg,
    createOrg,
    erpClass: given('FErpClsID', old?.erpClass) || '1',
    baseUnit,
    storeUnit: referenced('FStoreUnitID', old?.storeUnit) || baseUnit,
    batchManaged: flag('FIsBatchManage', old?.batchManaged),
    kfPeriod: flag('FIsKFPeriod', old?.kfPeriod),
    shelfLifeDays: Number(given('FExpPeriod', String(old?.shelfLifeDays ?? 0))) || 0,
    hasAux: old?.hasAux ?? false,
    status: 'A',
    forbid: old?.forbid ?? 'A',
    createdAt: old?.createdAt ?? now,
    changedAt: now,
    approvedAt: null,
    units: old?.units ?? [],
  };
};

/** One more row of the same material for an organisation that may use it. */
export const allocateMaterial = (state: KingdeeState, material: KingdeeMaterial, orgId: number): KingdeeMaterial => {
  const org = state.orgs.find((one) => one.id === orgId);
  if (org === undefined) throw refuse(`组织内码[${orgId}]不存在`, 'TOrgIds');
  const there = state.material(org.number, material.number);
  if (there !== undefined) return there;
  const now = state.stamp();
  const row: KingdeeMaterial = { ...material, id: state.nextId(), useOrg: org.number, createdAt: now, changedAt: now };
  state.putMaterial(row);
  return row;
};
