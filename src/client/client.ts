import { getCustomerInfo, type Asked, type CustomerInfo } from './documented.ts';
import type { CallOptions, Sending } from './exchange.ts';

export type { Asked, CustomerInfo, LeadInfo } from './documented.ts';
export type { CallOptions } from './exchange.ts';
export { CallercardError, type ProblemCode } from './problem.ts';

export interface ClientOptions {
  /** Where callercard is: `https://crm.example.com`, or a path below which it is served. */
  readonly url: string | URL;
  /** A user of the API. */
  readonly user?: string;
  readonly password?: string;
  /** For a whole call, tries and pauses together. 5,000 if not given. */
  readonly timeoutMs?: number;
  /** Further tries of what may be asked twice, when it was refused as too much or nothing came back. 2 if not given. */
  readonly retries?: number;
  /** In place of the platform's own. */
  readonly fetch?: typeof fetch;
}

/** Asks one callercard. Every method throws {@link CallercardError} alone. */
export interface Client {
  /**
   * The lead with a number or an id, as the documented API answers it.
   *
   * @throws {CallercardError} `lead_not_found` or `phone_not_found` when there is none, among others
   */
  getCustomerInfo(asked: Asked, options?: CallOptions): Promise<CustomerInfo>;
}

/**
 * A client for Node.js and browsers; it sends nothing by itself.
 *
 * @throws {TypeError} an option cannot be used
 */
export function createClient({
  url,
  user,
  password,
  timeoutMs = 5_000,
  retries = 2,
  ...rest
}: ClientOptions): Client {
  const base = new URL(url);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const sending: Sending = { baseUrl: base, timeoutMs, retries, fetch: rest.fetch ?? globalThis.fetch };
  return {
    getCustomerInfo(asked, options) {
      if (user === undefined || password === undefined)
        throw new TypeError('the documented API takes a user and a password');
      return getCustomerInfo(sending, { user, password }, asked, options);
    },
  };
}
