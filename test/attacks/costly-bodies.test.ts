import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { GOAPI_PATHS } from '../../src/endpoints/goapi/handler.ts';
import { exceedsShape } from '../../src/http/json-shape.ts';
import { startCardApp } from '../endpoints/card/card-fixture.ts';
import { bearer } from '../support/authorization.ts';
import { send, type TestApp } from '../support/test-app.ts';

const KIB = 1024;
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const MULTIPART_TYPE = 'multipart/form-data; boundary=b';

interface Body {
  readonly what: string;
  readonly target: string;
  readonly type: string;
  /** What is as long and has one value. */
  readonly plain: string;
  readonly costly: string;
}

/** A text of exactly so many characters, most of them a piece again and again. */
function fill(bytes: number, before: string, piece: string, after: string): string {
  const room = bytes - before.length - after.length;
  return before + piece.repeat(Math.floor(room / piece.length)) + after;
}

const PART = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n';
const HEAD = '--b\r\nContent-Disposition: form-data; ';
const VALUE = '\r\n\r\n1\r\n--b--\r\n';
/** The action with the most parameters; 64 KiB are about 250 of these. It is refused before a password is hashed. */
const UPDATE = 'responsetype=no&goAction=goUpdateCustomer&';
const UPDATE_PART = [...new URLSearchParams(UPDATE)]
  .map(([name, value]) => PART.replace('"a"', `"${name}"`).replace('1', value))
  .join('');
const FORM_PART = PART.replace('1', 'x'.repeat(210));
const LONG_BOUNDARY = 'a'.repeat(240);

const goapi = (
  type: string,
  [plainPiece, before, piece, after]: readonly [string, string, string, string],
) => ({
  what: `goAPI, ${type}: ${JSON.stringify(before.slice(0, 60))} and many ${JSON.stringify(piece.slice(0, 20))}`,
  target: GOAPI_PATHS[0],
  type,
  plain: fill(
    64 * KIB,
    type === JSON_TYPE ? '{"a":"' : before,
    plainPiece,
    type === JSON_TYPE ? '"}' : after,
  ),
  costly: fill(64 * KIB, before, piece, after),
});

const v1 = (before: string, piece: string, after: string) => ({
  what: `/v1/leads/lookup: ${JSON.stringify(before)} and many ${JSON.stringify(piece)}`,
  target: '/v1/leads/lookup',
  type: JSON_TYPE,
  plain: fill(256 * KIB, '{"a":"', 'x', '"}'),
  costly: fill(256 * KIB, before, piece, after),
});

const BODIES: readonly Body[] = [
  goapi(JSON_TYPE, ['x', '{"a":[', '0,', '0]}']),
  goapi(JSON_TYPE, ['x', '{"a":', '[', '']),
  goapi(JSON_TYPE, ['x', '[', '{},', '{}]']),
  goapi(JSON_TYPE, ['x', '{', '"a":1,', '"a":1}']),
  goapi(JSON_TYPE, ['x', '', '{"a":', '']),
  goapi(FORM_TYPE, ['x', 'a=', '&', '']),
  goapi(FORM_TYPE, ['x', 'a=', '&a', '']),
  goapi(MULTIPART_TYPE, ['x', '', PART, '--b--\r\n']),
  goapi(FORM_TYPE, ['x', UPDATE, `a[0][name]=${'x'.repeat(118)}&`, '']),
  goapi(MULTIPART_TYPE, ['x', UPDATE_PART, FORM_PART, '--b--\r\n']),
  goapi(JSON_TYPE, [
    'x',
    '{"responsetype":"no","goAction":"goUpdateCustomer","a":[',
    '{"name":"xxxxxxxxxxxx","value":"xxxxxxx"},',
    '{}]}',
  ]),
  goapi(MULTIPART_TYPE, ['x', '', '--b\r\n\r\n\r\n', '--b--\r\n']),
  goapi(MULTIPART_TYPE, ['x', HEAD, 'a=b;', VALUE]),
  goapi(MULTIPART_TYPE, ['x', `${HEAD}name*=utf-8''`, '%41', VALUE]),
  goapi(MULTIPART_TYPE, ['x', '--b\r\n', 'a:b\r\n', VALUE]),
  goapi(`multipart/form-data; boundary=${LONG_BOUNDARY}`, [
    'x',
    `--${LONG_BOUNDARY}\r\n\r\n`,
    `b${LONG_BOUNDARY.slice(1)}`,
    '',
  ]),
  v1('', '[', ''),
  v1('{"items":[', '[],', '0]}'),
  v1('{"items":[', '{},', '{}]}'),
  v1('{"items":', '{"a":', '0'),
  v1('{"items":[{', '"a":1,', '"a":1}]}'),
];

describe('a body of a stranger, whatever it holds', () => {
  let server: TestApp;
  before(async () => {
    server = await startCardApp();
  });
  after(() => server.close());

  /** Milliseconds of this process, in which the server and its client are. */
  async function cpuOf({ target, type }: Body, body: string): Promise<number> {
    const begun = process.cpuUsage();
    const headers = { 'content-type': type, ...bearer('x') };
    const { status } = await send(server.url, target, { method: 'POST', headers, body });
    const { user, system } = process.cpuUsage(begun);
    assert.ok(status < 500, String(status));
    return (user + system) / 1_000;
  }

  for (const body of BODIES)
    it(`17, 33: costs no more than a plain text of its length: ${body.what}`, async () => {
      const times: { plain: number; costly: number }[] = [];
      // Side by side: what else the machine does counts for both.
      for (let round = 0; round < 7; round += 1)
        times.push({ plain: await cpuOf(body, body.plain), costly: await cpuOf(body, body.costly) });
      const plain = Math.min(...times.map((time) => time.plain));
      const costly = Math.min(...times.map((time) => time.costly));
      assert.ok(costly < 2 * plain + 3, `${costly.toFixed(1)} ms, a plain one ${plain.toFixed(1)}`);
    });

  it('17: is refused where it has more values than a request may, in the words for too many', async () => {
    const answerOf = async (type: string, body: string) => {
      const target = `${GOAPI_PATHS[0]}?responsetype=json`;
      return send(server.url, target, { method: 'POST', headers: { 'content-type': type }, body });
    };
    const tooMany = '{"result":"error","message":"Bad request: the request has more than 100 parameters"}';
    for (const [type, body] of [
      [JSON_TYPE, `{"a":[${'0,'.repeat(1_000)}0]}`],
      [JSON_TYPE, `{"a":${'['.repeat(20)}${']'.repeat(20)}}`],
      [JSON_TYPE, `{${'"a":1,'.repeat(1_000)}"a":1}`],
      [MULTIPART_TYPE, `${PART.repeat(101)}--b--\r\n`],
      [MULTIPART_TYPE, `${PART.replace('"a"', '"a"; filename="a"').repeat(101)}--b--\r\n`],
      [FORM_TYPE, 'a&'.repeat(101)],
    ] as const)
      assert.deepEqual([(await answerOf(type, body)).text], [tooMany], `${type} ${body.slice(0, 80)}`);
    for (const [type, body] of [
      [JSON_TYPE, `{"a":[1,[2]],${Array.from({ length: 99 }, (_, at) => `"p${at}":"[{,:"`).join()}}`],
      [MULTIPART_TYPE, `${PART.repeat(100)}--b--\r\n`],
      [FORM_TYPE, 'a&&'.repeat(100)],
    ] as const)
      assert.doesNotMatch((await answerOf(type, body)).text, /Bad request/, body.slice(0, 80));
  });

  it('17: has its marks counted outside of texts alone', () => {
    const shape = { depth: 2, marks: 6 };
    for (const text of [
      '{"a":[1,2]}',
      '{"[[[[[[[[,,,,,,,,":"\\"[[[[,,,,,\\\\"}',
      '"',
      '"\\',
      '',
      ']]]]]',
      '[][][]',
    ])
      assert.equal(exceedsShape(text, shape), false, text);
    for (const text of ['[[[', '[0,0,0,0,0,0]', '{"a\\\\":[[', '{"\\"":1,"b":2,"c":3}', '[][][],'])
      assert.equal(exceedsShape(text, shape), true, text);
  });
});
