/** The signature on each request, as the vendor's SDKs make it (systems/kingdee.md §1.4); no login is needed. */
import { createHmac } from 'node:crypto';
import type { KingdeeSettings } from './settings.js';

/** The vendor's fixed key, with which the client's secret is hidden in the app id. */
const fixedKey = Buffer.from('0054f397c6234378b09ca7d3e5debce7', 'utf8');

const base64OfHex = (data: string, key: string): string =>
  Buffer.from(createHmac('sha256', key).update(data, 'utf8').digest('hex'), 'utf8').toString('base64');

const clientSecret = (hidden: string): string =>
  Buffer.from(Buffer.from(hidden, 'base64').map((byte, i) => byte ^ (fixedKey[i] ?? 0))).toString('base64');

export type Identity = Pick<KingdeeSettings, 'acctId' | 'user' | 'lcid' | 'orgNumber' | 'appId' | 'appSecret'>;

/** @param path path of the URL, e.g. `/k3cloud/Kingdee….common.kdsvc`; @param timestamp unix seconds */
export const signatureHeaders = (
  identity: Identity,
  path: string,
  timestamp: string,
  nonce: string,
): Record<string, string> => {
  const { acctId, user, lcid, orgNumber, appId, appSecret } = identity;
  const [clientId = '', hidden = ''] = appId.split('_');
  const appData = `${acctId},${user},${lcid},${orgNumber}`;
  const signed = `POST\n${encodeURIComponent(path)}\n\nx-api-nonce:${nonce}\nx-api-timestamp:${timestamp}\n`;
  return {
    'X-Api-ClientID': clientId,
    'X-Api-Auth-Version': '2.0',
    'x-api-timestamp': timestamp,
    'x-api-nonce': nonce,
    'x-api-signheaders': 'x-api-timestamp,x-api-nonce',
    'X-Api-Signature': base64OfHex(signed, clientSecret(hidden)),
    'X-Kd-Appkey': appId,
    'X-Kd-Appdata': Buffer.from(appData, 'utf8').toString('base64'),
    'X-Kd-Signature': base64OfHex(appId + appData, appSecret),
  };
};
