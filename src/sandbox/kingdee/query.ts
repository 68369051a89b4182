/** ExecuteBillQuery, BillQuery, View and QueryBusinessInfo: what clients read. */
import type { Json } from '../../core/json.js';
import type { Selections } from '../selections.js';
import type { Field, QueryForm } from './fields.js';
import { type Condition, comparableDate, compare, parseFilter } from './filter.js';
import type { KingdeeState } from './state.js';
import { type Cell, decimal, isObject, type JsonObject, KingdeeRefusal, MsgCode, member, text } from './wire.js';

const cell = (field: Field<unknown>, row: unknown): Cell => {
  const value = field.get(row);
  if (value === null || typeof value === 'boolean') return value;
  if (field.kind === 'date') return comparableDate(value).replace(/\.000$/, '');
  if (field.kind !== 'number') return value;
  return /ID$|MasterId$|FExpPeriod/i.test(field.key) ? Number(value) : decimal(value);
};

export const fieldOf = (form: QueryForm, key: string): Field<unknown> => {
  const field = form.fields.get(key.trim().toLowerCase());
  if (field === undefined) {
    throw new KingdeeRefusal(MsgCode.notExist, `元数据中标识为${key.trim()}的字段不存在`);
  }
  return field;
};

export const formOf = (forms: Map<string, QueryForm>, formId: string): QueryForm => {
  if (formId === '') throw new KingdeeRefusal(MsgCode.formEmpty, '业务对象标识不能为空');
  const form = forms.get(formId.toLowerCase());
  if (form === undefined) throw new KingdeeRefusal(MsgCode.exception, '业务对象不存在');
  return form;
};

export const requireObject = (value: Json | undefined): JsonObject => {
  if (!isObject(value)) throw new KingdeeRefusal(MsgCode.parameter, '参数data不能为空');
  return value;
};

export const permit = (state: KingdeeState, form: string, operation: string): void => {
  if (state.denied.has(`${form}/${operation}`)) {
    throw new KingdeeRefusal(MsgCode.noPermission, `没有“${form}”的“${operation}”权限`);
  }
};

interface Order {
  key: string;
  field: Field<unknown>;
  sign: 1 | -1;
}

const ordersOf = (form: QueryForm, order: string): Order[] =>
  order
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [key = '', direction = 'asc'] = part.trim().split(/\s+/);
      return { key: key.toLowerCase(), field: fieldOf(form, key), sign: direction.toLowerCase() === 'desc' ? -1 : 1 };
    });

const byOrders =
  (orders: Order[]) =>
  (a: unknown, b: unknown): number => {
    for (const { field, sign } of orders) {
      const result = compare(field.kind, field.get(a), field.get(b)) * sign;
      if (result !== 0) return result;
    }
    return 0;
  };

/** The fields in whose order a condition begins to hold at one place are the first of the order asked for. */
const isInOrder = ({ above }: Condition<unknown>, orders: Order[]): boolean =>
  above.length > 0 && above.every((key, index) => orders[index]?.key === key && orders[index]?.sign === 1);

/** Rows of a query with the field keys as they were asked for. */
export const runQuery = (
  forms: Map<string, QueryForm>,
  state: KingdeeState,
  selections: Selections<unknown>,
  data: Json | undefined,
  now: () => string,
): { keys: string[]; rows: Cell[][] } => {
  const request = requireObject(data);
  const form = formOf(forms, text(member(request, 'FormId')));
  permit(state, form.form, 'Query');
  const keys = text(member(request, 'FieldKeys'))
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
  if (keys.length === 0) throw new KingdeeRefusal(MsgCode.parameter, 'FieldKeys不能为空');
  const fields = keys.map((key) => fieldOf(form, key));
  // What holds at one moment is another selection than what holds at the next.
  let moment = '';
  const conditions = parseFilter(
    member(request, 'FilterString') ?? '',
    (key) => fieldOf(form, key),
    () => {
      moment = now();
      return moment;
    },
  );
  const orders = ordersOf(form, text(member(request, 'OrderString')));
  const found = selections.select(state.version, {
    name: JSON.stringify([form.form, moment, ...orders.map(({ key, sign }) => [key, sign])]),
    rows: () => form.rows(state),
    terms: conditions,
    compare: orders.length === 0 ? undefined : byOrders(orders),
    rises: (term: Condition<unknown>) => isInOrder(term, orders),
  });
  const number = (key: string): number => Number(text(member(request, key)) || '0');
  const start = number('StartRow');
  // TopRowCount is the absolute end row, not a page size.
  const cap = state.queryLimit;
  const end = Math.min(start + Math.min(number('Limit') || cap, cap), number('TopRowCount') || Infinity);
  return { keys, rows: found.slice(start, end).map((row) => fields.map((field) => cell(field, row))) };
};

const propertyName = (key: string): string => key.replace(/^F(?=[A-Z])/, '');

export const businessInfo = (form: QueryForm): Record<string, unknown> => {
  const entities = new Map<string, Record<string, unknown>[]>();
  const described = new Set<string>();
  for (const field of form.fields.values()) {
    // A reference is one field; what is read behind the dot is not listed.
    const key = field.key.split('.')[0] ?? field.key;
    if (described.has(key)) continue;
    described.add(key);
    const list = entities.get(field.entity) ?? [];
    entities.set(field.entity, list);
    list.push({
      Key: key,
      FieldName: key.toUpperCase(),
      PropertyName: propertyName(key),
      FieldType: field.key.includes('.') ? 56 : { text: 167, number: 106, date: 61, bool: 175 }[field.kind],
      ElementType: field.key.includes('.') ? 13 : { text: 1, number: 2, date: 5, bool: 8 }[field.kind],
      EntityKey: field.entity,
      MustInput: field.must ? 1 : 0,
      Name: [{ Key: 2052, Value: field.label }],
    });
  }
  return {
    Result: {
      ResponseStatus: null,
      NeedReturnData: {
        Id: form.form,
        Name: [{ Key: 2052, Value: form.name }],
        Entrys: [...entities].map(([key, fields]) => ({
          Key: key,
          EntryName: key,
          Name: [{ Key: 2052, Value: key === 'FBillHead' ? '单据头' : '明细信息' }],
          Fields: fields,
        })),
      },
    },
  };
};

/** View answers in ORM property names: `BillNo`, `DocumentStatus`, `MaterialId: {Number}`. */
export const viewOf = (form: QueryForm, rows: unknown[], id: number | string, number: string): unknown => {
  const read = (row: unknown, of: (field: Field<unknown>) => boolean): Record<string, unknown> => {
    const object: Record<string, unknown> = {};
    for (const field of form.fields.values()) {
      if (!of(field)) continue;
      const [head = '', ...rest] = field.key.split('.');
      if (rest.length === 0) object[propertyName(head)] = cell(field, row);
      else if (rest.length === 1) {
        const before = object[propertyName(head)];
        object[propertyName(head)] = {
          ...(typeof before === 'object' && before !== null ? before : {}),
          [propertyName(rest[0] ?? '')]: cell(field, row),
        };
      }
    }
    return object;
  };
  const entities = new Set([...form.fields.values()].map((field) => field.entity));
  entities.delete('FBillHead');
  return {
    Result: {
      ResponseStatus: null,
      Result: {
        Id: id,
        ...read(rows[0], (field) => field.entity === 'FBillHead'),
        Number: number,
        ...Object.fromEntries(
          [...entities].map((entity) => [
            propertyName(entity),
            rows.map((row) => read(row, (f) => f.entity === entity)),
          ]),
        ),
      },
    },
  };
};
