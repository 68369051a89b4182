/**
 * A Kingdee K3Cloud that runs on this machine: the WebAPI of the plant with organisations 200 and 210, as the vendor's
 * own SDK speaks to it (systems/kingdee.md §1).
 */
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Json, parseJson } from '../../core/json.js';
import { type Faults, misbehave } from '../misbehave.js';
import type { KingdeeSeed } from '../plant/model.js';
import { Selections } from '../selections.js';
import { someOf, stirOnRequest } from '../stir.js';
import { type Account, Sessions, UnknownDataCentre } from './auth.js';
import { queryForms } from './fields.js';
import { allocate, type Document, isMaterial, operate, save } from './operations.js';
import { businessInfo, formOf, permit, requireObject, runQuery, viewOf } from './query.js';
import { KingdeeState } from './state.js';
import {
  type Call,
  decodeCall,
  encode,
  type Failure,
  isObject,
  type JsonObject,
  KingdeeRefusal,
  MsgCode,
  member,
  refusalBody,
  responseStatus,
  type Success,
  text,
  truthy,
} from './wire.js';

export interface KingdeeServerOptions extends Account {
  seed: KingdeeSeed;
  port?: number;
  /** File of accepted writes, replayed at start. */
  journal?: string;
  /** The server's clock; the machine's by default. */
  now?: () => Date;
  /** Opens bills dated from this day on only. */
  closedBefore?: string;
}

export interface KingdeeServer {
  /** `http://127.0.0.1:port/k3cloud/` */
  url: string;
  faults: Faults;
  state: KingdeeState;
  sessions: Sessions;
  close(): Promise<void>;
}

const prefix = 'kingdee.bos.webapi.servicesstub.';
const operationNames: Record<string, string> = {
  submit: 'Submit',
  audit: 'Audit',
  unaudit: 'UnAudit',
  delete: 'Delete',
  cancelassign: 'CancelAssign',
};

/** Comma text, one number or an array; absent is none. */
const list = (value: Json | undefined): string[] =>
  (Array.isArray(value) ? value.map(text) : text(value).split(','))
    .map((one) => one.trim())
    .filter((one) => one !== '');

const results = (items: (() => Success)[]): { body: Record<string, unknown>; successes: Success[] } => {
  const errors: Failure[] = [];
  const successes: Success[] = [];
  let msgCode: number = MsgCode.ok;
  for (const [index, item] of items.entries()) {
    try {
      successes.push(item());
    } catch (error) {
      if (!(error instanceof KingdeeRefusal)) throw error;
      msgCode = error.msgCode;
      errors.push({ field: error.field, message: error.message, index });
    }
  }
  const [first] = successes;
  return {
    successes,
    body: {
      Result: {
        ResponseStatus: responseStatus(errors, successes, msgCode),
        ...(first === undefined ? {} : { Id: first.id, Number: first.number }),
        NeedReturnData: first === undefined ? [] : [{}],
      },
    },
  };
};

const success = (document: Document, index: number): Success => ({ id: document.id, number: document.number, index });

class Service {
  readonly #forms;
  readonly #selections = new Selections<unknown>();
  readonly #seenSaves = new Set<string>();

  constructor(readonly state: KingdeeState) {
    this.#forms = queryForms(state);
  }

  query(data: Json | undefined): { keys: string[]; rows: unknown[][] } {
    return runQuery(this.#forms, this.state, this.#selections, data, () =>
      new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 23),
    );
  }

  /** Answers of DynamicFormService, except the two queries. */
  call(method: string, { args }: Call): Record<string, unknown> {
    if (method === 'querybusinessinfo') {
      return businessInfo(formOf(this.#forms, text(member(requireObject(args[0]), 'FormId'))));
    }
    const form = formOf(this.#forms, text(args[0])).form;
    if (method === 'excuteoperation' || method === 'executeoperation') {
      return this.#operation(text(args[1]), form, requireObject(args[2]));
    }
    const data = requireObject(args[1]);
    switch (method) {
      case 'view':
        return this.#view(form, data);
      case 'save':
      case 'draft':
        return this.#save(form, data, [member(data, 'Model') ?? null], method === 'draft');
      case 'batchsave': {
        const models = member(data, 'Model');
        return this.#save(form, data, Array.isArray(models) ? models : [], false);
      }
      case 'allocate':
        permit(this.state, form, 'Allocate');
        return results(
          list(member(data, 'PkIds')).flatMap((id) =>
            list(member(data, 'TOrgIds')).map(
              (org, index) => () => success(allocate(this.state, Number(id), Number(org)), index),
            ),
          ),
        ).body;
      default: {
        const operation = operationNames[method];
        if (operation === undefined) throw new KingdeeRefusal(MsgCode.exception, `方法“${method}”不存在`);
        return this.#operation(operation, form, data);
      }
    }
  }

  #operation(operation: string, form: string, data: JsonObject): Record<string, unknown> {
    const name = operationNames[operation.toLowerCase()] ?? operation;
    permit(this.state, form, name);
    const flags = text(member(data, 'InterationFlags'));
    const org = this.state.orgs.find((one) => String(one.id) === text(member(data, 'CreateOrgId')))?.number;
    const targets = [
      ...list(member(data, 'Ids')).map((id) => ({ id: Number(id) })),
      ...list(member(data, 'Numbers')).map((number) => ({ number, ...(org === undefined ? {} : { org }) })),
    ];
    if (targets.length === 0) throw new KingdeeRefusal(MsgCode.parameter, '操作失败：Ids和Numbers不能同时为空');
    return results(targets.map((by, index) => () => success(operate(this.state, name, form, by, flags), index))).body;
  }

  #save(form: string, data: JsonObject, models: Json[], draft: boolean): Record<string, unknown> {
    permit(this.state, form, 'Save');
    if (models.length === 0) throw new KingdeeRefusal(MsgCode.parameter, 'Model不能为空');
    if (truthy(member(data, 'ValidateRepeatJson'))) {
      const json = JSON.stringify(models);
      if (this.#seenSaves.has(json)) throw new KingdeeRefusal(MsgCode.validation, '请求数据重复，不允许重复提交');
      this.#seenSaves.add(json);
    }
    const auto = truthy(member(data, 'IsAutoSubmitAndAudit'));
    const flags = text(member(data, 'InterationFlags'));
    return results(
      models.map((model, index) => () => {
        if (!isObject(model)) throw new KingdeeRefusal(MsgCode.parameter, 'Model不是对象');
        const document = save(this.state, form, model, data, draft);
        if (auto) for (const step of ['Submit', 'Audit']) operate(this.state, step, form, { id: document.id }, flags);
        return success(document, index);
      }),
    ).body;
  }

  #view(formId: string, data: JsonObject): Record<string, unknown> {
    permit(this.state, formId, 'View');
    const form = formOf(this.#forms, formId);
    const id = text(member(data, 'Id'));
    const number = text(member(data, 'Number')).toLowerCase();
    const field = (key: string) => form.fields.get(key);
    const idField = field('fid') ?? field('fmaterialid') ?? field('flotid');
    const numberField = field('fbillno') ?? field('fnumber');
    const rows = form
      .rows(this.state)
      .filter((row) =>
        id !== '' && id !== '0'
          ? String(idField?.get(row)) === id
          : number !== '' && String(numberField?.get(row) ?? '').toLowerCase() === number,
      );
    // One number stands for one row per organisation: the first is shown, as the vendor shows that of the login.
    const [first] = rows;
    if (first === undefined) throw new KingdeeRefusal(MsgCode.noData, '数据不存在');
    const shown = isMaterial(formId) ? [first] : rows;
    return viewOf(form, shown, Number(idField?.get(first)), String(numberField?.get(first))) as Record<string, unknown>;
  }
}

/** Starts the server; resolves when it listens. */
export const startKingdeeServer = async (options: KingdeeServerOptions): Promise<KingdeeServer> => {
  const state = new KingdeeState(options.seed, options.journal, options.now ?? (() => new Date()));
  state.closedBefore = options.closedBefore ?? '';
  const service = new Service(state);
  const sessions = new Sessions(options);
  const app = fastify({ bodyLimit: 64 * 1024 * 1024, forceCloseConnections: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    // The sandbox's own door speaks plain JSON.
    done(null, request.url.startsWith('/__sandbox/') ? parseJson(String(body) || 'null') : body);
  });
  const faults = misbehave(app);
  stirOnRequest(app, (stirring) => {
    for (const row of [...someOf(state.materials.values(), stirring), ...someOf(state.lots.values(), stirring)])
      row.changedAt = state.stamp();
    state.changed();
  });

  const answer = (reply: FastifyReply, body: unknown, status = 200): FastifyReply =>
    reply.code(status).header('content-type', 'application/json; charset=utf-8').send(encode(body));

  const setSession = (reply: FastifyReply, session: string): void => {
    // No Expires: the vendor's Python SDK splits cookies at the comma.
    reply.header('set-cookie', [
      `kdservice-sessionid=${session}; path=/`,
      `ASP.NET_SessionId=${session.slice(0, 24)}; path=/; HttpOnly`,
    ]);
  };

  const login = (method: string, call: Call, reply: FastifyReply): FastifyReply => {
    const type = sessions.login(method, call.args.map(text));
    const session = type === 1 ? sessions.open() : null;
    if (session !== null) setSession(reply, session);
    return answer(reply, {
      Message: type === 1 ? null : type === 0 ? '用户名或密码错误' : '数据中心不存在',
      MessageCode: '',
      LoginResultType: type,
      Context:
        session === null
          ? null
          : {
              UserLocale: 'zh-CN',
              DBid: options.acctId,
              SessionId: session,
              UserId: 16394,
              UserName: options.user,
              CurrentOrganizationInfo: { ID: 1, Name: options.orgNumber },
            },
      KDSVCSessionId: session,
      FormId: null,
      RedirectFormParam: null,
      FormInputObject: null,
      ErrorStackTrace: null,
      Lcid: 0,
      AccessToken: null,
      KdAccessResult: null,
      IsSuccessByAPI: type === 1,
    });
  };

  const refused = (method: string, reply: FastifyReply, error: KingdeeRefusal): FastifyReply =>
    answer(reply, method === 'executebillquery' ? [[refusalBody(error)]] : refusalBody(error));

  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const path = request.url.split('?')[0] ?? '';
    const match = /^\/k3cloud\/([\w.]+)\.common\.kdsvc$/i.exec(path);
    const called = (match?.[1] ?? '').toLowerCase();
    if (called.endsWith('accountservice.getdatacenterlist')) {
      return answer(reply, [{ Id: options.acctId, Number: options.acctId, Name: '沙盒账套' }]);
    }
    const [stub, method = ''] = called.startsWith(prefix) ? called.slice(prefix.length).split('.') : [];
    if (stub !== 'authservice' && stub !== 'dynamicformservice') return reply.code(404).send('');
    const header = (name: string): string => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join('; ') : (value ?? '');
    };
    try {
      const call = decodeCall(method, header('content-type'), typeof request.body === 'string' ? request.body : '');
      if (stub === 'authservice') {
        if (method !== 'logout') return login(method, call, reply);
        sessions.close(header('kdservice-sessionid'));
        return answer(reply, true);
      }
      const { session, fresh } = sessions.admit(header, path);
      if (fresh) setSession(reply, session);
      if (method === 'executebillquery') return answer(reply, service.query(call.args[0]).rows);
      if (method === 'billquery') {
        const { keys, rows } = service.query(call.args[0]);
        return answer(
          reply,
          rows.map((row) => Object.fromEntries(keys.map((key, i) => [key, row[i]]))),
        );
      }
      return answer(reply, service.call(method, call));
    } catch (error) {
      if (error instanceof UnknownDataCentre) return reply.code(500).send('数据中心不存在');
      if (error instanceof KingdeeRefusal) return refused(method, reply, error);
      throw error;
    }
  };

  app.post('/*', handle);
  await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/k3cloud/`, faults, state, sessions, close: () => app.close() };
};
