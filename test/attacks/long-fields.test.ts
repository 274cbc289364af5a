import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { GOAPI_PATHS } from '../../src/endpoints/goapi/handler.ts';
import { startCardApp } from '../endpoints/card/card-fixture.ts';
import { basic, bearer } from '../support/authorization.ts';
import { makeToken } from '../support/made-token.ts';
import { send, type Sent, type TestApp } from '../support/test-app.ts';

/** Just below what the server takes for a URL, a header and a small body. */
const IN_URL = 7_000;
const IN_BODY = 7_500;

/** What a careless pattern goes over again and again; the first is harmless, and what the others are compared with. */
const PIECES = ['a', ' ', '\t', '&', '+', '#', '0', '.', '(', ';', ',', '=', '[', 'tel:', '\u0301'] as const;

interface Field {
  readonly what: string;
  /** @param text what an attacker put there, as it is */
  readonly request: (text: string) => { readonly target: string } & Sent;
}

const inUrl = (text: string) =>
  encodeURIComponent(text).replaceAll('%20', '+').slice(0, IN_URL).replace(/%.?$/, '');
/** As a query may stand in a request line. */
const inQuery = (text: string) => text.replaceAll(/[^!"$-~]/g, '+');
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = { 'content-type': 'application/json' };

/** Every field of requests without credentials. */
const OF_STRANGERS: readonly Field[] = [
  {
    what: 'goapi: a query',
    request: (text) => ({ target: `${GOAPI_PATHS[0]}?${inQuery(text)}` }),
  },
  {
    what: 'goapi: a password',
    request: (text) => ({ target: `${GOAPI_PATHS[0]}?goUser=x&goPass=${inUrl(text)}` }),
  },
  {
    what: 'goapi: a form',
    request: (body) => ({ target: GOAPI_PATHS[0], method: 'POST', headers: form, body }),
  },
  {
    what: '/v1/leads: a query',
    request: (text) => ({
      target: `/v1/leads?${inQuery(text)}`,
      headers: bearer('x'),
    }),
  },
  {
    what: '/v1/leads: a number',
    request: (text) => ({ target: `/v1/leads?phone=${inUrl(text)}`, headers: bearer('x') }),
  },
  {
    what: '/v1/leads: an id',
    request: (text) => ({ target: `/v1/leads/1${inUrl(` ${text}`)}x`, headers: bearer('x') }),
  },
  { what: '/v1: a user', request: (text) => ({ target: '/v1/leads/1', headers: basic(`a${text}b`, 'x') }) },
  { what: '/v1: a token', request: (text) => ({ target: '/v1/leads/1', headers: bearer(inUrl(text)) }) },
  {
    what: '/v1/leads/lookup: a body',
    request: (body) => ({
      target: '/v1/leads/lookup',
      method: 'POST',
      headers: { ...json, ...bearer('x') },
      body,
    }),
  },
  { what: 'caller-id: a number', request: (text) => ({ target: `/v1/caller-id?phone=${inUrl(text)}` }) },
  { what: 'caller-id: a token', request: (text) => ({ target: `/v1/caller-id/${inUrl(text)}?phone=1` }) },
  { what: 'card: what is searched', request: (text) => ({ target: `/card?q=%23${inUrl(text)}x%0Ay` }) },
  { what: 'card: a number', request: (text) => ({ target: `/card?phone=${inUrl(text)}` }) },
  {
    what: 'card: a cookie',
    request: (text) => ({ target: '/card', headers: { cookie: `a=${inUrl(text)}` } }),
  },
  {
    what: 'card: a language',
    request: (text) => ({
      target: '/card',
      headers: { 'accept-language': inUrl(text).replaceAll('%2C', ',').replaceAll('%3B', ';') },
    }),
  },
  {
    what: 'card: a name to sign in',
    request: (text) => ({
      target: '/card/sign-in',
      method: 'POST',
      headers: { ...form, cookie: `callercard-form=${'A'.repeat(43)}` },
      body: `token=${'A'.repeat(43)}&password=x&user=${inUrl(`a${text}b`)}`,
    }),
  },
];

describe('a long field, whatever its content', () => {
  let server: TestApp;
  let token: string;
  before(async () => {
    server = await startCardApp();
    token = makeToken(server.store, { name: 'long-fields' });
  });
  after(() => server.close());

  /** Milliseconds of this process, in which the server and its client are. */
  async function cpuOf({ target, ...sent }: ReturnType<Field['request']>): Promise<number> {
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const begun = process.cpuUsage();
      const { status } = await send(server.url, target, sent);
      const { user, system } = process.cpuUsage(begun);
      assert.notEqual(status, 500);
      times.push((user + system) / 1_000);
    }
    return Math.min(...times);
  }

  async function assertCheap({ what, request }: Field): Promise<void> {
    const [harmless, ...others] = PIECES;
    const sent = (piece: string) => request(piece.repeat(Math.floor(IN_BODY / piece.length)));
    const usual = await cpuOf(sent(harmless));
    for (const piece of others) {
      const cpu = await cpuOf(sent(piece));
      const words = `${what}, ${JSON.stringify(piece)}: ${cpu.toFixed(1)} ms, usually ${usual.toFixed(1)}`;
      assert.ok(cpu < 10 * usual + 15, words);
    }
  }

  for (const field of OF_STRANGERS)
    it(`costs no more than usual in a request without credentials: ${field.what}`, () => assertCheap(field));

  it('costs no more than usual in a call notification with a token', async () => {
    const headers = { ...json, ...bearer(token) };
    const requestWith = (field: string) => (text: string) => ({
      target: '/v1/calls',
      method: 'POST',
      headers,
      body: JSON.stringify({ user: 'MyUser', phone: '8111112222', [field]: `1${text}x` }),
    });
    for (const what of ['user', 'phone', 'lead_id', 'call_id', 'direction'])
      await assertCheap({ what, request: requestWith(what) });
  });

  it('costs no more than usual in a form or item of many fields without credentials', async () => {
    const names = Array.from({ length: 2_500 }, (_, at) => at.toString(36));
    const call = (body: string) => ({
      target: '/v1/calls',
      method: 'POST',
      headers: { ...form, ...bearer('x') },
      body,
    });
    const item = (keys: number) => ({
      target: '/v1/leads/lookup',
      method: 'POST',
      headers: { ...json, ...bearer('x') },
      body: JSON.stringify({
        items: [Object.fromEntries(Array.from({ length: keys }, (_, at) => [`k${at}`, 1]))],
        x: 'x'.repeat(200_000 - 8 * keys),
      }),
    });
    for (const [one, other] of [
      [call(`a=${'a'.repeat(7_500)}`), call(names.join('&'))],
      [item(1), item(20_000)],
    ] as const) {
      const [usual, many] = [await cpuOf(one), await cpuOf(other)];
      assert.ok(
        many < 10 * usual + 15,
        `${other.target}: ${many.toFixed(1)} ms, usually ${usual.toFixed(1)}`,
      );
    }
  });

  it('costs no more than usual in a list of far too many items without credentials', async () => {
    const lookup = (count: number) => ({
      target: '/v1/leads/lookup',
      method: 'POST',
      headers: { ...json, ...bearer('x') },
      body: `{"items":[${'0,'.repeat(count)}0]}`,
    });
    const [usual, many] = [await cpuOf(lookup(900)), await cpuOf(lookup(100_000))];
    assert.ok(many < 10 * usual + 15, `${many.toFixed(1)} ms, usually ${usual.toFixed(1)}`);
  });
});
