/** The token endpoint's memory: password grant, tokens that expire, an account that locks after five wrong passwords. */
import { randomUUID } from 'node:crypto';

export interface WmsUser {
  name: string;
  password: string;
  /** Permissions that the user lacks: `dcinventory::inventory`. */
  denied?: string[];
}

export type Grant = { token: string; expiresIn: number } | { error: string; description: string };

export interface Tokens {
  grant(form: URLSearchParams, authorization: string | undefined): Grant;
  /** The user of a valid bearer token. */
  userOf(authorization: string | undefined): WmsUser | undefined;
  expireAll(): void;
  /** Requests for a token that were refused so far. */
  refused(): number;
}

const lockAfter = 5;

export const createTokens = (
  users: WmsUser[],
  client: { id: string; secret: string },
  lifetimeSeconds: number,
): Tokens => {
  const valid = new Map<string, { user: WmsUser; until: number }>();
  const wrong = new Map<string, number>();
  let refusals = 0;
  const basic = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`;

  const decide = (form: URLSearchParams, authorization: string | undefined): Grant => {
    if (authorization !== basic)
      return { error: 'invalid_client', description: 'Invalid client or Invalid client credentials' };
    if (form.get('grant_type') !== 'password')
      return { error: 'unsupported_grant_type', description: 'Unsupported grant_type' };
    const name = form.get('username') ?? '';
    const user = users.find((candidate) => candidate.name === name);
    const failures = wrong.get(name) ?? 0;
    if (failures >= lockAfter) return { error: 'invalid_grant', description: 'Account temporarily disabled' };
    if (!user || user.password !== form.get('password')) {
      wrong.set(name, failures + 1);
      return { error: 'invalid_grant', description: 'Invalid user credentials' };
    }
    wrong.delete(name);
    const token = randomUUID();
    valid.set(token, { user, until: Date.now() + lifetimeSeconds * 1000 });
    return { token, expiresIn: lifetimeSeconds };
  };

  return {
    grant(form, authorization) {
      const grant = decide(form, authorization);
      if ('error' in grant) refusals++;
      return grant;
    },
    userOf(authorization) {
      const entry = valid.get(authorization?.replace(/^Bearer /i, '') ?? '');
      return entry && entry.until > Date.now() ? entry.user : undefined;
    },
    expireAll: () => valid.clear(),
    refused: () => refusals,
  };
};
