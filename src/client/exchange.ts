import { CallercardError, type ProblemCode } from './problem.ts';

/** How a request is sent, once the client's options are settled. */
export interface Sending {
  readonly baseUrl: URL;
  readonly fetch: typeof fetch;
  /** For the whole call with its retries and pauses. */
  readonly timeoutMs: number;
  /** Of idempotent requests. */
  readonly retries: number;
}

export interface Sent {
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Blob | undefined;
  /** Whether it may be retried. */
  readonly isIdempotent: boolean;
}

/** Options of one call. */
export interface CallOptions {
  /** Ends the call: `aborted`. */
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** An answer that was read to its end. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Headers;
}

/** No answer came. `cause` is what was thrown, such as the caller's reason to abort. */
interface Failure {
  readonly cause: unknown;
}

/** Answers after which the same request may succeed. */
const BUSY: ReadonlySet<number> = new Set([429, 503]);
/** Before the first retry where the server names no time; doubled for each further one. */
const FIRST_PAUSE_MS = 200;

/**
 * Sends a request, and again while the server is busy, within the retries and the time that it has.
 *
 * @throws {CallercardError} `timeout`, `aborted` or `unreachable`
 */
export async function exchange(sending: Sending, sent: Sent, options: CallOptions = {}): Promise<Answer> {
  const timeoutMs = options.timeoutMs ?? sending.timeoutMs;
  const deadline = performance.now() + timeoutMs;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  const tries = sent.isIdempotent ? sending.retries + 1 : 1;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await tryOnce(sending, sent, signal).catch((cause: unknown): Failure => ({ cause }));
    const pauseMs = pauseAfter(outcome, attempt);
    const mayTryAgain = attempt < tries && pauseMs !== undefined && performance.now() + pauseMs < deadline;
    if (mayTryAgain && (await pause(pauseMs, signal))) continue;
    if (!('cause' in outcome)) return outcome;
    throw failureOf(outcome, timeout, options.signal);
  }
}

async function tryOnce(
  { baseUrl, fetch: send }: Sending,
  { path, method, headers, body }: Sent,
  signal: AbortSignal,
): Promise<Answer> {
  const response = await send(new URL(path, baseUrl), {
    method,
    headers,
    signal,
    // A redirect would send the password elsewhere.
    redirect: 'error',
    credentials: 'omit',
    cache: 'no-store',
    ...(body === undefined ? {} : { body }),
  });
  const retryAfterSeconds = readRetryAfter(response.headers.get('retry-after'));
  const { status, headers: answered } = response;
  return { status, text: await response.text(), retryAfterSeconds, headers: answered };
}

/** @returns undefined: a retry would not help */
function pauseAfter(outcome: Answer | Failure, attempt: number): number | undefined {
  if (!('cause' in outcome)) {
    if (!BUSY.has(outcome.status)) return undefined;
    if (outcome.retryAfterSeconds !== undefined) return outcome.retryAfterSeconds * 1000;
  }
  // Random, so that clients that were refused together do not return together.
  return FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
}

/** Seconds, or a date. */
function readRetryAfter(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}

function failureOf(failure: Failure, timeout: AbortSignal, own: AbortSignal | undefined): CallercardError {
  if (own?.aborted === true) return new CallercardError('The caller ended it.', { code: 'aborted' }, failure);
  if (timeout.aborted) return new CallercardError('No answer came in time.', { code: 'timeout' }, failure);
  return new CallercardError('No answer came.', { code: 'unreachable' }, failure);
}

/** @returns whether it lasted to its end; false: the signal ended it */
function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds, true);
    const stop = () => {
      clearTimeout(timer);
      resolve(false);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** The object in a text; an empty one where the text is no JSON object. */
export function readJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** The problem that an answer describes. */
export function problemOf(
  { status, retryAfterSeconds }: Answer,
  code: ProblemCode,
  message: string,
  fields: unknown,
  leads: { readonly lead_id?: unknown; readonly lead_ids?: unknown } = {},
): CallercardError {
  return new CallercardError(message === '' ? `The answer has the status ${status}.` : message, {
    code,
    status,
    retryAfterSeconds,
    fields: Array.isArray(fields) ? fields.map(String) : [],
    leadId: typeof leads.lead_id === 'number' ? leads.lead_id : undefined,
    leadIds: Array.isArray(leads.lead_ids) ? leads.lead_ids.map(Number) : [],
  });
}
