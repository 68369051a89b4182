/**
 * Who may talk: session login, or a signature on each request as the vendor's SDKs send it (systems/kingdee.md §1.3, §1.4).
 */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { KingdeeRefusal, MsgCode } from './wire.js';

export interface Account {
  acctId: string;
  user: string;
  password: string;
  /** `<clientId>_<32 characters>` */
  appId: string;
  appSecret: string;
  orgNumber: string;
}

const fixedKey = Buffer.from('0054f397c6234378b09ca7d3e5debce7', 'utf8');

const hexThenBase64 = (key: string, data: string): string =>
  Buffer.from(createHmac('sha256', key).update(data, 'utf8').digest('hex'), 'utf8').toString('base64');

/** The client's secret, hidden in the second half of the app id. */
export const clientSecret = (appId: string): string => {
  const hidden = Buffer.from(appId.split('_')[1] ?? '', 'base64');
  return Buffer.from(hidden.map((byte, i) => byte ^ (fixedKey[i] ?? 0))).toString('base64');
};

export const apiSignature = (appId: string, path: string, timestamp: string, nonce: string): string =>
  hexThenBase64(
    clientSecret(appId),
    `POST\n${encodeURIComponent(path)}\n\nx-api-nonce:${nonce}\nx-api-timestamp:${timestamp}\n`,
  );

export const kdSignature = (appId: string, appSecret: string, appData: string): string =>
  hexThenBase64(appSecret, appId + appData);

const sortedHash = (algorithm: 'sha256' | 'sha1', parts: string[]): string =>
  createHash(algorithm)
    .update([...parts].sort().join(''), 'utf8')
    .digest('hex');

/** The account named in the request is not one of this server: answered with a status other than 200. */
export class UnknownDataCentre extends Error {}

const lost = (): KingdeeRefusal => new KingdeeRefusal(MsgCode.sessionLost, '会话信息已丢失，请重新登录');

export class Sessions {
  readonly #open = new Set<string>();
  /** Failed logins and signatures, so that a test can see that nobody hammers an account. */
  failures = 0;

  constructor(readonly account: Account) {}

  open(): string {
    const id = randomUUID();
    this.#open.add(id);
    return id;
  }

  close(id: string): void {
    this.#open.delete(id);
  }

  expireAll(): void {
    this.#open.clear();
  }

  get count(): number {
    return this.#open.size;
  }

  /** Positional arguments of the three ways to log in; 1 is success, 0 a wrong password. */
  login(method: string, args: string[]): number {
    const { acctId, user, password, appId, appSecret } = this.account;
    if (args[0] !== acctId) return -1;
    const right = (): boolean => {
      if (args[1] !== user) return false;
      if (method === 'validateuser') return args[2] === password;
      if (args[2] !== appId) return false;
      if (method === 'loginbyappsecret') return args[3] === appSecret;
      const parts = [acctId, user, appId, appSecret, args[3] ?? ''];
      return args[4] === sortedHash('sha256', parts) || args[4] === sortedHash('sha1', parts);
    };
    if (right()) return 1;
    this.failures += 1;
    return 0;
  }

  /**
   * A valid session is not checked further; without one, a valid signature opens one silently.
   * @returns the session of this request, and whether it is new
   * @throws KingdeeRefusal MsgCode 1 for everything that is wrong
   */
  admit(header: (name: string) => string, path: string): { session: string; fresh: boolean } {
    const cookie = /kdservice-sessionid=([^;,\s]+)/.exec(header('cookie'))?.[1] ?? '';
    for (const id of [header('kdservice-sessionid'), cookie]) {
      if (id !== '' && this.#open.has(id)) return { session: id, fresh: false };
    }
    if (header('x-kd-appkey') === '') throw lost();
    const { acctId, user, appId, appSecret } = this.account;
    const appData = Buffer.from(header('x-kd-appdata'), 'base64').toString('utf8');
    const [acct, name] = appData.split(',');
    if (acct !== acctId) {
      this.failures += 1;
      throw new UnknownDataCentre();
    }
    const timestamp = header('x-api-timestamp');
    const nonce = header('x-api-nonce');
    const signed =
      header('x-kd-appkey') === appId &&
      name === user &&
      header('x-kd-signature') === kdSignature(appId, appSecret, appData) &&
      header('x-api-clientid') === appId.split('_')[0] &&
      timestamp !== '' &&
      header('x-api-signature') === apiSignature(appId, path, timestamp, nonce);
    if (!signed) {
      this.failures += 1;
      throw lost();
    }
    return { session: this.open(), fresh: true };
  }
}
