import { exchange, problemOf, readJson, type CallOptions, type Sending, type Sent } from './exchange.ts';
import { CallercardError, SERVER_CODES } from './problem.ts';

/** What is sent beside a path. */
export interface Asked {
  /** `GET` if not given. */
  readonly method?: Sent['method'];
  /** JSON. */
  readonly body?: object;
  /** In its place: bytes of whatever kind. */
  readonly bytes?: Blob;
  /** Left out: JSON. The text of another type is not read any further. */
  readonly accept?: 'text/csv';
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Whether it may be retried; true if not given. */
  readonly isIdempotent?: boolean;
}

export interface Said<Wanted> {
  /** Of an answer without a body an empty object. */
  readonly said: Wanted;
  /** As it came. */
  readonly text: string;
  readonly headers: Headers;
}

/** Asks an operation of our own API by its path below `v1/`. */
export type Ask = <Wanted>(path: string, options?: CallOptions, asked?: Asked) => Promise<Said<Wanted>>;

/** @param authorization the header's value; undefined: there are no credentials, and every operation throws */
export function createAsk(sending: Sending, authorization: string | undefined): Ask {
  return async <Wanted>(path: string, options?: CallOptions, asked: Asked = {}): Promise<Said<Wanted>> => {
    if (authorization === undefined) throw new TypeError('a token, or a user and a password, are needed');
    const { method = 'GET', body, bytes, isIdempotent = true } = asked;
    const headers = headersOf(authorization, asked);
    // What is undefined is left out of JSON.
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = { path: `v1/${path}`, method, headers, body: bytes ?? text, isIdempotent } as const;
    const answer = await exchange(sending, sent, options);
    const { status } = answer;
    const said = readJson(answer.text);
    if (status < 200 || status >= 300) {
      // RFC 9457, with a code; any other answer is `unexpected`.
      const code = SERVER_CODES.find((known) => known === said.code) ?? 'unexpected';
      throw problemOf(answer, code, typeof said.title === 'string' ? said.title : '', said.fields, said);
    }
    const isOther = status === 204 || status === 202 || asked.accept !== undefined;
    if (isOther || Object.keys(said).length > 0)
      return { said: said as Wanted, text: answer.text, headers: answer.headers };
    throw new CallercardError('The answer is none of callercard.', { code: 'unexpected', status });
  };
}

function headersOf(
  authorization: string,
  { body, bytes, accept, headers = {} }: Asked,
): Record<string, string> {
  const type = bytes === undefined ? 'application/json' : 'application/octet-stream';
  return {
    authorization,
    accept: accept ?? 'application/json',
    ...(body === undefined && bytes === undefined ? {} : { 'content-type': type }),
    ...Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  };
}
