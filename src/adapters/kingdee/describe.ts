/** What the live system says of itself: its fields, and what the hub's user may do. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { CheckResult, FieldInfo } from '../contract.js';
import { isObject } from './answer.js';
import { type Client, KingdeeRefused } from './client.js';
import { runQuery } from './query.js';
import { type KingdeeStream, streams } from './streams.js';

const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

const label = (name: Json | undefined): string | undefined => {
  const first = list(name).find(isObject);
  return typeof first?.Value === 'string' ? first.Value : undefined;
};

/** Columns of a query that the description may leave out: ids of entries, and the text beside a lot. */
const undescribed = /_FEntryID$|^FLot_Text$/i;

/** Fields from QueryBusinessInfo; a reference is read as `<field>.FNumber`. */
export const discoverFields = async (
  client: Client,
  { form, fields }: KingdeeStream,
  signal?: AbortSignal,
): Promise<FieldInfo[]> => {
  const answer = await client.call(
    'QueryBusinessInfo',
    { data: { FormId: form } },
    { idempotent: true, ...(signal ? { signal } : {}) },
  );
  const result = isObject(answer) && isObject(answer.Result) ? answer.Result.NeedReturnData : undefined;
  if (!isObject(result)) {
    throw new LotbridgeError({
      code: 'kingdee.answer-shape',
      class: ErrorClass.data,
      message: `${form}: QueryBusinessInfo gives no description`,
      fix: 'Check that the version of K3Cloud has QueryBusinessInfo (8.0 or newer).',
    });
  }
  const described = list(result.Entrys)
    .filter(isObject)
    .flatMap((entity) => list(entity.Fields).filter(isObject))
    .map((field) => {
      const text = label(field.Name);
      return {
        path: String(field.Key),
        type: String(field.ElementType ?? field.FieldType ?? ''),
        ...(text === undefined ? {} : { label: text }),
      };
    });
  const known = new Set(described.map(({ path }) => path));
  const left = fields.filter((field) => undescribed.test(field) && !known.has(field));
  return [...described, ...left.map((path) => ({ path, type: '' }))];
};

const probe = async (work: Promise<unknown>): Promise<boolean> => {
  try {
    await work;
    return true;
  } catch (error) {
    if (!(error instanceof KingdeeRefused)) throw error;
    // Any other refusal comes after the permission was looked at.
    return error.code !== 'kingdee.no-permission';
  }
};

export const checkPermissions = async (client: Client, signal?: AbortSignal): Promise<CheckResult> => {
  const started = performance.now();
  try {
    return await probeAll(client, started, signal);
  } catch (error) {
    if (!(error instanceof LotbridgeError) || error.code !== 'kingdee.credentials-refused') throw error;
    const missing = [{ permission: 'credentials', fix: error.fix }];
    return { ok: false, missing, latencyMs: Math.round(performance.now() - started) };
  }
};

/** Writes are probed with a document that does not exist, so that nothing can change. */
const probeAll = async (client: Client, started: number, signal?: AbortSignal): Promise<CheckResult> => {
  const missing: CheckResult['missing'] = [];
  let latencyMs = 0;
  const need = async (form: string, operation: string, chinese: string, work: Promise<unknown>): Promise<void> => {
    if (await probe(work)) return;
    missing.push({
      permission: `${form} ${operation} (${chinese})`,
      fix: `Ask the K3Cloud administrator to grant ${chinese} on ${form} to the integration user.`,
    });
  };
  for (const { form, id, idType, write } of Object.values(streams)) {
    await need(form, 'Query', '查看', runQuery(client, { form, fields: [id], filter: '', limit: 1 }, signal));
    if (latencyMs === 0) latencyMs = Math.round(performance.now() - started);
    if (write === undefined) continue;
    const options = { idempotent: false, ...(signal ? { signal } : {}) };
    const nobody = idType === 'number' ? -1 : '';
    await need(
      form,
      'Save',
      '新增/修改',
      client.call('Save', { formid: form, data: { Model: { [id]: nobody } } }, options),
    );
    for (const [operation, chinese] of [
      ['Submit', '提交'],
      ['Audit', '审核'],
      ['UnAudit', '反审核'],
      ['Delete', '删除'],
    ] as const) {
      if (write === 'material' && operation === 'Delete') continue;
      await need(
        form,
        operation,
        chinese,
        client.call(operation, { formid: form, data: { CreateOrgId: 0, Numbers: [], Ids: '-1' } }, options),
      );
    }
  }
  return { ok: missing.length === 0, missing, latencyMs };
};
