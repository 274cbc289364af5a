import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';

import fc from 'fast-check';

import { createShortWay } from '../../../src/http/short-way.ts';
import { exchange, PATH, queryFor, startFilledApp, type RawAnswer } from '../../http/raw-socket.ts';
import { temporaryFolder, type TestApp } from '../../support/test-app.ts';

const HOST = 'Host: callercard.example\r\n';
const END = 'Connection: close\r\n\r\n';
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n';
const OTHER_PATH = '/goAPIv2/goReports/goAPI.php';

const get = (target: string, headers = HOST) => `GET ${target} HTTP/1.1\r\n${headers}${END}`;
const post = (target: string, body: string, headers = FORM) =>
  `POST ${target} HTTP/1.1\r\n${HOST}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n${END}${body}`;

const byId = queryFor({ lead_id: '7' });
const byPhone = queryFor({ phone_number: '+52 55 0000 0007' });

/** What goes the short way. */
const PLAIN: Readonly<Record<string, string>> = {
  'by id': get(`${PATH}?${byId}`),
  'by id and number, at the other address': get(
    `${OTHER_PATH}?${queryFor({ lead_id: '7', phone_number: '5500000008' })}`,
  ),
  'by number, XML': get(`${PATH}?${byPhone.replace('=json', '=XML')}`),
  nobody: get(`${PATH}?${queryFor({ lead_id: '999999' })}`),
  'no query': get(PATH),
  'no format that there is': get(`${PATH}?${byId.replace('=json', '=yaml')}`),
  'a wrong password': get(`${PATH}?${byId.replace(/goPass=[^&]+/, 'goPass=wrong')}`),
  'a form': post(PATH, byId),
  'a form in capitals, with its character set': post(
    PATH,
    byPhone,
    'Content-Type: Application/X-WWW-Form-Urlencoded; Charset=UTF-8\r\n',
  ),
  'a form and a query': post(`${PATH}?lead_id=8&responsetype=xml`, byId),
  'a form with a broken escape': post(`${PATH}?responsetype=json`, `${byId}&x=%zz`),
  'a form with bytes that are no UTF-8': post(`${PATH}?responsetype=json`, `${byId}&x=%ff`),
  'a form with too many parameters': post(PATH, Array.from({ length: 101 }, (_, at) => `a${at}=1`).join('&')),
};

/** What goes the long way. */
const UNUSUAL: Readonly<Record<string, string>> = {
  'a query with a broken escape': get(`${PATH}?${byId}&x=%e9`),
  'HTTP/1.0': get(`${PATH}?${byId}`).replace('HTTP/1.1', 'HTTP/1.0'),
  'two hosts': get(`${PATH}?${byId}`, HOST + HOST),
  'no host': get(`${PATH}?${byId}`, ''),
  'another path': get(`${PATH}/x?${byId}`),
  'a path in other letters': get(`${PATH.toLowerCase()}?${byId}`),
  'an encoded path': get(`${PATH.replace('goAgent', 'go%41gent')}?${byId}`),
  'an absolute target': get(`http://callercard.example${PATH}?${byId}`),
  'a very long URL': get(`${PATH}?${byId}&x=${'y'.repeat(8_200)}`),
  'a fragment': get(`${PATH}?${byId}#x`),
  'a GET with a body': `GET ${PATH}?${byId} HTTP/1.1\r\n${HOST}Content-Length: 2\r\n${END}xx`,
  HEAD: get(`${PATH}?${byId}`).replace('GET', 'HEAD'),
  PUT: post(PATH, byId).replace('POST', 'PUT'),
  OPTIONS: get(`${PATH}?${byId}`).replace('GET', 'OPTIONS'),
  JSON: post(PATH, '{"goAction":"goGetCustomerInfo"}', 'Content-Type: application/json\r\n'),
  text: post(PATH, byId, 'Content-Type: text/plain\r\n'),
  'no type': post(PATH, byId, ''),
  'an empty form': post(`${PATH}?${byId}`, ''),
  'a form that is too large': post(PATH, `x=${'y'.repeat(70_000)}`),
  'a form in pieces': `POST ${PATH} HTTP/1.1\r\n${HOST}${FORM}Transfer-Encoding: chunked\r\n${END}${Buffer.byteLength(byId).toString(16)}\r\n${byId}\r\n0\r\n\r\n`,
};

/** But for the date, and for the length of the header that names it. */
function comparable(answers: readonly RawAnswer[]): unknown {
  return answers.map(({ status, headers, text }) => ({
    status,
    headers: Object.entries(headers).filter(([name]) => name !== 'date'),
    text,
  }));
}

describe('the short way and the long way', () => {
  let short: TestApp;
  let long: TestApp;
  before(async () => {
    short = await startFilledApp();
    // Who trusts a proxy needs the library for every address.
    long = await startFilledApp({ config: { trustedProxies: ['192.0.2.1'] } }, temporaryFolder());
  });
  after(() => Promise.all([short.close(), long.close()]));

  async function assertSame(bytes: string): Promise<void> {
    const [one, other] = [await exchange(short.url, bytes), await exchange(long.url, bytes)];
    assert.equal(one.length, 1);
    assert.deepEqual(comparable(one), comparable(other));
  }

  for (const [name, bytes] of Object.entries({ ...PLAIN, ...UNUSUAL })) {
    it(`give the same answer: ${name}`, () => assertSame(bytes));
  }

  it('give the same answer to requests that are made up', async () => {
    const names = [
      'goUser',
      'goPass',
      'goAction',
      'responsetype',
      'lead_id',
      'phone_number',
      'go.User',
      'a[]',
    ];
    const values = [
      'crm',
      'goGetCustomerInfo',
      'json',
      'XML',
      '7',
      '5500000007',
      '',
      '+52',
      '%',
      '%00',
      'é',
      '1',
    ];
    const text = fc.oneof(fc.constantFrom(...values), fc.string({ maxLength: 12 }).map(encodeURIComponent));
    const pairs = fc
      .array(fc.tuple(fc.constantFrom(...names), text), { maxLength: 8 })
      .map((all) => all.map(([name, value]) => `${name}=${value}`).join('&'))
      .map((query) => query.replaceAll(/[^!-~]/g, (unit) => encodeURIComponent(unit)));
    const request = fc
      .tuple(fc.boolean(), fc.constantFrom(PATH, OTHER_PATH), pairs, pairs)
      .map(([isGet, path, query, body]) =>
        isGet ? get(`${path}?${byId}&${query}`) : post(`${path}?${query}`, `${byId}&${body}`),
      );
    await fc.assert(fc.asyncProperty(request, assertSame), { numRuns: 60 });
  });
});

describe('the short way', () => {
  it('takes what is plain, and leaves the rest, and all once it is closed', async () => {
    const shortWay = createShortWay();
    const answer = (by: string) => (_request: unknown, response: ServerResponse) => {
      response.writeHead(200, { 'content-length': by.length }).end(by);
      return true;
    };
    const server = createServer(shortWay.guard(answer('library')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const whoAnswers = async (bytes: string) => (await exchange(url, bytes))[0]?.text;
    const [plain] = Object.values(PLAIN);
    assert.ok(plain !== undefined);
    try {
      assert.equal(await whoAnswers(plain), 'library');
      shortWay.open(answer('short'));
      for (const [name, bytes] of Object.entries(PLAIN)) assert.equal(await whoAnswers(bytes), 'short', name);
      // Paths and queries are the door's to judge; these are about the request as a whole.
      const whole = ['HTTP/1.0', 'two hosts', 'a very long URL', 'a GET with a body', 'PUT', 'JSON', 'text'];
      for (const name of [
        ...whole,
        'no type',
        'an empty form',
        'a form that is too large',
        'a form in pieces',
      ]) {
        assert.equal(await whoAnswers(UNUSUAL[name] ?? ''), 'library', name);
      }
      shortWay.close();
      assert.equal(await whoAnswers(plain), 'library');
    } finally {
      server.close();
    }
  });
});
