import { exchange, problemOf, readJson, type Answer, type CallOptions, type Sending } from './exchange.ts';
import type { ServerProblemCode } from './problem.ts';

/** The documented answer (goAPI, *Get Customer Information*): members in the documented order. */
export interface CustomerInfo {
  readonly result: 'success';
  readonly lead_info: LeadInfo;
  /** By label, in the list's order; null: the list has no such fields, or the lead has none filled. */
  readonly custom_info: Readonly<Record<string, string | number | null>> | null;
  readonly is_customer: 0 | 1;
}

/** Columns without a value are null. */
export interface LeadInfo {
  readonly lead_id: number;
  readonly list_id: number;
  readonly title: string | null;
  readonly first_name: string | null;
  readonly middle_initial: string | null;
  readonly last_name: string | null;
  readonly phone_number: string | null;
  readonly alt_phone: string | null;
  readonly email: string | null;
  readonly address1: string | null;
  readonly address2: string | null;
  readonly address3: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly province: string | null;
  readonly postal_code: string | null;
  readonly country_code: string | null;
  readonly gender: string | null;
  /** `YYYY-MM-DD`, or a dialer's `0000-00-00`. */
  readonly date_of_birth: string | null;
  readonly status: string | null;
  readonly user: string | null;
  readonly comments: string | null;
}

/** Which lead is asked for; with both, the id decides. */
export type LeadKey =
  | { readonly phone: string; readonly leadId?: number | undefined }
  | { readonly phone?: string | undefined; readonly leadId: number };

/** The URL names the format, so that refusals before the body is read are JSON, too. */
const PATH = 'goAPIv2/goAgent/goAPI.php?responsetype=json';

/** The documented protocol names its problems by messages alone. */
const MESSAGES: readonly (readonly [message: RegExp, code: ServerProblemCode])[] = [
  [/^Lead ID '.*' does NOT exist/s, 'lead_not_found'],
  [/^Phone number '.*' does NOT exist/s, 'phone_not_found'],
  [/^List ID '.*' does NOT exist/s, 'list_not_found'],
  [/^Invalid Username\/Password$/, 'credentials_invalid'],
  [/^Too many login attempts/, 'locked_out'],
  [/is NOT allowed to access GOagent API$/, 'api_not_allowed'],
  [/^Error: Missing required parameters$/, 'parameters_missing'],
  [/^goUser and goPass must not stand in the URL/, 'credentials_in_url'],
  [/^Web pages of this origin/, 'cross_origin'],
  [/^The database is not available$/, 'store_unavailable'],
  [/^The service is not available$/, 'audit_unavailable'],
];

/** For all other messages. */
const BY_STATUS: Readonly<Record<number, ServerProblemCode>> = {
  400: 'request_unparsable',
  404: 'route_unknown',
  405: 'method_not_allowed',
  413: 'request_too_large',
  414: 'url_too_long',
  415: 'body_type_unknown',
  429: 'rate_limited',
  500: 'internal',
  503: 'overloaded',
};

/** Asks through the documented protocol; throws a CallercardError. */
export async function getCustomerInfo(
  sending: Sending,
  { user, password }: { readonly user: string; readonly password: string },
  { phone, leadId }: LeadKey,
  options?: CallOptions,
): Promise<CustomerInfo> {
  const body = new URLSearchParams({ goAction: 'goGetCustomerInfo', goUser: user, goPass: password });
  if (phone !== undefined) body.set('phone_number', phone);
  if (leadId !== undefined) body.set('lead_id', String(leadId));
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  const sent = { path: PATH, method: 'POST', headers, body: body.toString(), isIdempotent: true } as const;
  return readAnswer(await exchange(sending, sent, options));
}

function readAnswer(answer: Answer): CustomerInfo {
  const said = readJson(answer.text);
  if (answer.status === 200 && said.result === 'success') return said as unknown as CustomerInfo;
  const message = typeof said.message === 'string' ? said.message : '';
  throw problemOf(answer, codeOf(answer.status, said.result, message), message, said.fields);
}

function codeOf(status: number, result: unknown, message: string) {
  const code = MESSAGES.find(([known]) => known.test(message))?.[1] ?? BY_STATUS[status];
  return code ?? (result === 'validation_failed' ? 'parameter_malformed' : 'unexpected');
}
