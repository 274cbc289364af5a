import { exchange, problemOf, readJson, type CallOptions, type Sending, type Sent } from './exchange.ts';
import { CallercardError, SERVER_CODES } from './problem.ts';

/** What is sent beside a path. */
export interface Asked {
  /** `GET` if not given. */
  readonly method?: Sent['method'];
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Whether it may be retried; true if not given. */
  readonly isIdempotent?: boolean;
}

export interface Said<Wanted> {
  /** Of an answer without a body an empty object. */
  readonly said: Wanted;
  readonly headers: Headers;
}

/** Asks an operation of our own API by its path below `v1/`. */
export type Ask = <Wanted>(path: string, options?: CallOptions, asked?: Asked) => Promise<Said<Wanted>>;

/** @param authorization the header's value; undefined: there are no credentials, and every operation throws */
export function createAsk(sending: Sending, authorization: string | undefined): Ask {
  return async <Wanted>(path: string, options?: CallOptions, asked: Asked = {}): Promise<Said<Wanted>> => {
    if (authorization === undefined) throw new TypeError('a token, or a user and a password, are needed');
    const { method = 'GET', body, isIdempotent = true } = asked;
    const headers = {
      authorization,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...Object.fromEntries(
        Object.entries(asked.headers ?? {}).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value]],
        ),
      ),
    };
    // What is undefined is left out of JSON.
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = { path: `v1/${path}`, method, headers, body: text, isIdempotent } as const;
    const answer = await exchange(sending, sent, options);
    const { status } = answer;
    const said = readJson(answer.text);
    if (status < 200 || status >= 300) {
      // RFC 9457, with a code; any other answer is `unexpected`.
      const code = SERVER_CODES.find((known) => known === said.code) ?? 'unexpected';
      throw problemOf(answer, code, typeof said.title === 'string' ? said.title : '', said.fields, said);
    }
    if (status === 204 || Object.keys(said).length > 0)
      return { said: said as Wanted, headers: answer.headers };
    throw new CallercardError('The answer is none of callercard.', { code: 'unexpected', status });
  };
}
