/** Logon and CSRF protection: basic authentication, the account's lock, the sap-client, tokens bound to cookies. */
import { randomBytes } from 'node:crypto';

export interface Logon {
  user: string;
  password: string;
  client: string;
}

export type Refusal = 'client' | 'password' | 'locked';

export class Sessions {
  #wrong = 0;
  readonly #tokens = new Map<string, { token: string; until: number }>();
  refused = 0;

  constructor(
    private readonly logon: Logon,
    private readonly tokenTtlMs: number,
  ) {}

  /** Why a request is not let in, before anything is routed. Five wrong passwords lock the user. */
  refusal(authorization: string | undefined, client: string | undefined): Refusal | undefined {
    const reason = this.#reason(authorization, client);
    if (reason) this.refused++;
    return reason;
  }

  #reason(authorization: string | undefined, client: string | undefined): Refusal | undefined {
    if (client !== this.logon.client) return 'client';
    const given = Buffer.from((authorization ?? '').replace(/^Basic /i, ''), 'base64').toString('utf8');
    if (this.#wrong >= 5) return 'locked';
    if (given !== `${this.logon.user}:${this.logon.password}`) {
      if (authorization !== undefined) this.#wrong++;
      return 'password';
    }
    this.#wrong = 0;
    return undefined;
  }

  get locked(): boolean {
    return this.#wrong >= 5;
  }

  unlock(): void {
    this.#wrong = 0;
  }

  /** A token, and the cookies without which it is worth nothing. */
  issue(): { token: string; cookies: string[] } {
    const session = randomBytes(16).toString('base64url');
    const token = randomBytes(16).toString('base64url');
    this.#tokens.set(session, { token, until: Date.now() + this.tokenTtlMs });
    return {
      token,
      cookies: [
        `SAP_SESSIONID_S4H_${this.logon.client}=${session}; path=/; HttpOnly`,
        `sap-usercontext=sap-client=${this.logon.client}; path=/`,
      ],
    };
  }

  valid(token: string | undefined, cookies: string | undefined): boolean {
    const session = new RegExp(`SAP_SESSIONID_S4H_${this.logon.client}=([^;]+)`).exec(cookies ?? '')?.[1];
    const held = session === undefined ? undefined : this.#tokens.get(session);
    return held !== undefined && held.token === token && held.until > Date.now();
  }

  /** Every session ends now, as after the security session's time. */
  expire(): void {
    this.#tokens.clear();
  }
}
