/**
 * How K3Cloud talks: three encodings of one request, and answers that are HTTP 200 also when they mean no.
 */
import { LosslessNumber, stringify } from 'lossless-json';
import { type Json, parseJson } from '../../core/json.js';

export type JsonObject = { [key: string]: Json };
/** A value of an answer; decimals are `LosslessNumber`, so that a quantity is written with all its digits. */
export type Cell = string | number | boolean | null | LosslessNumber;

/** `12.5` → the number token 12.5, `10` → 10.0, as .NET writes a decimal. */
export const decimal = (text: string): LosslessNumber => new LosslessNumber(text.includes('.') ? text : `${text}.0`);

export const encode = (value: unknown): string => stringify(value) ?? 'null';

/** MsgCode of a ResponseStatus. */
export const MsgCode = {
  ok: 0,
  sessionLost: 1,
  noPermission: 2,
  operationEmpty: 3,
  exception: 4,
  formEmpty: 5,
  database: 6,
  licence: 7,
  parameter: 8,
  notExist: 9,
  noData: 10,
  validation: 11,
  notOperable: 12,
  lockConflict: 13,
  callLimit: 14,
} as const;

export interface Failure {
  field: string | null;
  message: string;
  /** Index in the request. */
  index: number;
}

export interface Success {
  id: number | string;
  number: string;
  index: number;
}

/** An answer that means no. */
export class KingdeeRefusal extends Error {
  constructor(
    readonly msgCode: number,
    message: string,
    readonly field: string | null = null,
    readonly index = 0,
  ) {
    super(message);
  }
}

export const responseStatus = (errors: Failure[], successes: Success[], msgCode: number): Record<string, unknown> => ({
  ...(errors.length > 0 ? { ErrorCode: 500 } : {}),
  IsSuccess: errors.length === 0,
  Errors: errors.map((e) => ({ FieldName: e.field, Message: e.message, DIndex: e.index })),
  SuccessEntitys: successes.map((s) => ({ Id: s.id, Number: s.number, DIndex: s.index })),
  SuccessMessages: [],
  MsgCode: msgCode,
});

export const refusalBody = (refusal: KingdeeRefusal): Record<string, unknown> => ({
  Result: {
    ResponseStatus: responseStatus(
      [{ field: refusal.field, message: refusal.message, index: refusal.index }],
      [],
      refusal.msgCode,
    ),
  },
});

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Member of an object whatever the case of its key: clients write `FNumber`, `FNUMBER`, `fnumber`. */
export const member = (object: JsonObject, key: string): Json | undefined => {
  if (key in object) return object[key];
  const wanted = key.toLowerCase();
  for (const [name, value] of Object.entries(object)) if (name.toLowerCase() === wanted) return value;
  return undefined;
};

export const text = (value: Json | undefined): string =>
  value === undefined || value === null || typeof value === 'object' ? '' : String(value);

/** `"true"`, `true`, `1`. */
export const truthy = (value: Json | undefined): boolean => ['true', '1'].includes(text(value).toLowerCase());

const unwrap = (value: Json | undefined): Json => {
  if (typeof value !== 'string') return value ?? null;
  const trimmed = value.trim();
  return /^[[{]/.test(trimmed) ? parseJson(trimmed) : value;
};

export interface Call {
  /** Arguments by position, as the positional encoding has them; objects already parsed. */
  args: Json[];
}

const namesOf = (method: string): string[] => {
  switch (method) {
    case 'executebillquery':
    case 'billquery':
    case 'querybusinessinfo':
    case 'switchorg':
      return ['data'];
    case 'excuteoperation':
    case 'executeoperation':
      return ['formid', 'opNumber', 'data'];
    case 'validateuser':
      return ['acctID', 'username', 'password', 'lcid'];
    case 'loginbyappsecret':
      return ['acctID', 'username', 'appid', 'appsecret', 'lcid'];
    case 'loginbysign':
      return ['acctID', 'username', 'appid', 'timestamp', 'sign', 'lcid'];
    default:
      return ['formid', 'data'];
  }
};

/**
 * Named JSON, the same with JSON as text or as a form, or `parameters` by position (systems/kingdee.md §1.2).
 * @throws KingdeeRefusal for a body that is none of them
 */
export const decodeCall = (method: string, contentType: string, body: string): Call => {
  let named: JsonObject;
  if (contentType.includes('application/x-www-form-urlencoded')) {
    named = Object.fromEntries(new URLSearchParams(body));
  } else {
    let parsed: Json;
    try {
      parsed = body.trim() === '' ? {} : parseJson(body);
    } catch {
      throw new KingdeeRefusal(MsgCode.parameter, '请求参数不是有效的JSON');
    }
    if (!isObject(parsed)) throw new KingdeeRefusal(MsgCode.parameter, '请求参数不正确');
    named = parsed;
  }
  const positional = member(named, 'parameters');
  if (positional !== undefined) {
    const list = unwrap(positional);
    if (!Array.isArray(list)) throw new KingdeeRefusal(MsgCode.parameter, 'parameters不是数组');
    return { args: list.map(unwrap) };
  }
  return { args: namesOf(method.toLowerCase()).map((name) => unwrap(member(named, name))) };
};
