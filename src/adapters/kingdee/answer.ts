/** Is this answer a success? K3Cloud says no with HTTP 200, and hides the no of a query inside its rows. */
import type { Json } from '../../core/json.js';

export type JsonObject = { [key: string]: Json };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the vendor refused, with our stable code for it. */
export interface Refusal {
  msgCode: number;
  /** Stable: `kingdee.negative-stock`. */
  code: string;
  /** The vendor's own words, shortened. */
  message: string;
  /** Worth another try later. */
  transient: boolean;
}

const byText: [RegExp, string, boolean][] = [
  [/会话信息已丢失|ctx == null|未登录|-10001/, 'kingdee.session-lost', false],
  [/负库存|库存不足/, 'kingdee.negative-stock', true],
  [/未分配/, 'kingdee.material-not-allocated', false],
  [/关账|已结账/, 'kingdee.period-closed', false],
  [/已存在|已经存在|已经被使用/, 'kingdee.exists', false],
  [/已被其他用户修改/, 'kingdee.changed-by-other', true],
  [/必录/, 'kingdee.field-required', false],
  [/已审核/, 'kingdee.already-audited', false],
];

const byMsgCode: Record<number, [code: string, transient: boolean]> = {
  1: ['kingdee.session-lost', false],
  2: ['kingdee.no-permission', false],
  6: ['kingdee.database', true],
  7: ['kingdee.licence', false],
  8: ['kingdee.parameter', false],
  9: ['kingdee.not-exist', false],
  10: ['kingdee.no-data', false],
  12: ['kingdee.not-operable', false],
  13: ['kingdee.locked', true],
  14: ['kingdee.call-limit', true],
};

const refusalOf = (status: JsonObject): Refusal => {
  const errors = Array.isArray(status.Errors) ? status.Errors.filter(isObject) : [];
  const message = errors.map((error) => String(error.Message ?? '')).join('; ') || 'no reason given';
  const msgCode = Number(status.MsgCode ?? 0);
  const known = byText.find(([pattern]) => pattern.test(message));
  const [code, transient] =
    byMsgCode[msgCode] !== undefined && ![12].includes(msgCode)
      ? byMsgCode[msgCode]
      : known
        ? [known[1], known[2]]
        : (byMsgCode[msgCode] ?? ['kingdee.refused', false]);
  return { msgCode, code, transient, message: message.length > 300 ? `${message.slice(0, 300)}…` : message };
};

/** The refusal that an answer is, or undefined for a success. */
export const refusalIn = (answer: Json): Refusal | undefined => {
  // A query's refusal stands where its first row would be.
  const body = Array.isArray(answer) && Array.isArray(answer[0]) ? answer[0][0] : answer;
  if (!isObject(body) || !isObject(body.Result)) return undefined;
  const status = body.Result.ResponseStatus;
  return isObject(status) && status.IsSuccess !== true ? refusalOf(status) : undefined;
};
