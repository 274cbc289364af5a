import { getCustomerInfo, type CustomerInfo, type LeadKey } from './documented.ts';
import type { CallOptions, Sending } from './exchange.ts';
import { createV1, type V1 } from './v1.ts';

export type { CustomerInfo, LeadInfo, LeadKey } from './documented.ts';
export type { CallOptions } from './exchange.ts';
export { CallercardError, type ProblemCode } from './problem.ts';
export type {
  Change,
  Callback,
  ChangedLead,
  ChangeOptions,
  KeyOptions,
  LeadPatch,
  List,
  NewLead,
  Note,
  NotePage,
  Records,
  Timeline,
  TimelineEntry,
  WriteOptions,
} from './records.ts';
export type {
  FurtherNumber,
  Lead,
  LeadNumber,
  ListField,
  ListFields,
  NumberMatch,
  PageOptions,
  PhoneColumn,
} from './resources.ts';
export type {
  Import,
  ImportColumn,
  ImportList,
  ImportOptions,
  ImportOutcome,
  Imports,
  SentFile,
} from './imports.ts';
export type { ErasureReceipt, PersonExport, PersonKey, PersonTrace } from './persons.ts';
export type { Call, CallKey, CallPage, CallPatch, Calls, CallState } from './calls.ts';
export type { CallNotification, LeadPage, LookupResult, V1 } from './v1.ts';

export interface ClientOptions {
  /** The URL of callercard: `https://crm.example.com`, or with the path below which it is served. */
  readonly url: string | URL;
  /** A token; its scope says what it opens. The documented API takes no tokens. */
  readonly token?: string | undefined;
  /** A user of the API, where there is no token. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** For a whole call with its retries and pauses. 5,000 if not given. */
  readonly timeoutMs?: number;
  /** Retries of idempotent requests after 429, 503 or no answer. 2 if not given. */
  readonly retries?: number;
  /** Replaces the platform's fetch. */
  readonly fetch?: typeof fetch;
}

/** Asks one callercard. Every method throws {@link CallercardError}; TypeError where credentials are missing. */
export interface Client extends V1 {
  /**
   * The lead with a number or an id, as the documented API answers it.
   *
   * @throws {CallercardError} `lead_not_found` or `phone_not_found` when there is none, among others
   */
  getCustomerInfo(lead: LeadKey, options?: CallOptions): Promise<CustomerInfo>;
}

/**
 * A client for Node.js and browsers; it sends nothing by itself.
 *
 * @throws {TypeError} the URL is none
 */
export function createClient(options: ClientOptions): Client {
  const { user, password, timeoutMs = 5_000, retries = 2 } = options;
  const baseUrl = new URL(options.url);
  if (!baseUrl.pathname.endsWith('/')) baseUrl.pathname += '/';
  // Browsers refuse a fetch that is called as a method.
  const send: typeof fetch = (...sent) => (options.fetch ?? globalThis.fetch)(...sent);
  const sending: Sending = { baseUrl, timeoutMs, retries, fetch: send };
  return {
    ...createV1(sending, authorizationOf(options)),
    async getCustomerInfo(lead, callOptions) {
      if (user === undefined || password === undefined) {
        throw new TypeError('the documented API takes a user and a password');
      }
      return getCustomerInfo(sending, { user, password }, lead, callOptions);
    },
  };
}

function authorizationOf({ token, user, password }: ClientOptions): string | undefined {
  if (token !== undefined) return `Bearer ${token}`;
  if (user === undefined || password === undefined) return undefined;
  // btoa takes bytes as characters.
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${user}:${password}`)))}`;
}
