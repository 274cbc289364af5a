import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { CHEAP_VERIFIER, PASSWORD } from '../../service/lookup-fixture.ts';
import { fillEmbedded } from '../../stores/described-store.ts';
import { send, startTestApp, temporaryFolder, type Answer, type TestApp } from '../../support/test-app.ts';

const PATH = '/goAPIv2/goAgent/goAPI.php';
const FORM = 'application/x-www-form-urlencoded';
const BOUNDARY = 'planted-boundary';
const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;
const LOGIN = { goUser: 'crm', goPass: PASSWORD, goAction: 'goGetCustomerInfo', responsetype: 'json' };
const EIGHTEEN_DIGITS = '123456789012345678';

interface Body {
  readonly result: string;
  readonly message?: string;
  readonly fields?: readonly string[];
  readonly lead_info?: { readonly lead_id: number };
}

describe('the body of a POST', () => {
  let running: TestApp;
  before(async () => {
    running = await startTestApp(temporaryFolder(), (store) =>
      fillEmbedded(store, {
        lists: [{ list_id: 1, name: 'one' }],
        leads: [
          { lead_id: 7, list_id: 1, phone_number: EIGHTEEN_DIGITS },
          // What that number becomes when it is read as a double.
          { lead_id: 8, list_id: 1, phone_number: '123456789012345680' },
          { lead_id: 14246, list_id: 1, phone_number: '5587654321', first_name: 'Ñandú' },
        ],
        users: [
          { name: 'crm', password: { verifier: CHEAP_VERIFIER } },
          // For wrong passwords, which lock.
          { name: 'bot', password: { verifier: CHEAP_VERIFIER } },
        ],
      }),
    );
  });
  after(() => running.close());

  function post(type: string | undefined, body: string | Buffer, query = ''): Promise<Answer> {
    const headers = type === undefined ? {} : { 'content-type': type };
    return send(running.url, `${PATH}${query}`, { method: 'POST', headers, body });
  }

  async function postJson(parameters: object): Promise<Body> {
    const { status, text } = await post('application/json', JSON.stringify({ ...LOGIN, ...parameters }));
    assert.equal(status, 200, text);
    return JSON.parse(text) as Body;
  }

  async function assertUnreadable(type: string, body: string | Buffer, reason: string): Promise<void> {
    const { status, text } = await post(type, body, '?responsetype=json');
    assert.equal(text, JSON.stringify({ result: 'error', message: `Bad request: ${reason}` }));
    assert.equal(status, 400);
  }

  function multipart(
    parts: readonly (readonly [head: string, value: string])[],
    end = `--${BOUNDARY}--\r\n`,
  ): string {
    const part = ([head, value]: readonly [string, string]) =>
      `--${BOUNDARY}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`;
    return parts.map(part).join('') + end;
  }

  const login = Object.entries(LOGIN).map(([name, value]) => [`name="${name}"`, value] as const);

  describe('as a form', () => {
    const form = new URLSearchParams({ ...LOGIN, lead_id: '14246' }).toString();

    for (const type of [FORM, `${FORM}; charset=UTF-8`, `${FORM};charset=utf-8`, FORM.toUpperCase()]) {
      it(`is read as ${type}`, async () => {
        const { status, text } = await post(type, form);
        assert.equal(status, 200);
        assert.equal((JSON.parse(text) as Body).lead_info?.lead_id, 14246);
      });
    }

    it('names its parameters as a query does, and loses to the query', async () => {
      const { text } = await post(FORM, `${form}&lead id=7&lead.id=8`, '?lead%20id=14246');
      assert.equal((JSON.parse(text) as Body).lead_info?.lead_id, 14246);
    });

    it('is refused when its percent-encoding is broken or its bytes are no UTF-8', async () => {
      await assertUnreadable(FORM, 'a=%zz', 'the request has a broken percent-encoding');
      await assertUnreadable(
        FORM,
        Buffer.from([0x61, 0x3d, 0xff]),
        'the request has bytes that are no UTF-8',
      );
      await assertUnreadable(FORM, 'a=1&'.repeat(101), 'the request has more than 100 parameters');
    });
  });

  it('as JSON under the type of a form is refused, and the message says so', async () => {
    const json = { ...LOGIN, lead_id: 14246 };
    for (const body of [
      JSON.stringify(json),
      JSON.stringify(json, null, 2),
      '{"a":1}',
      ' {"goAction":"x"}',
    ]) {
      const { status, text } = await post(FORM, body);
      assert.equal(status, 400);
      assert.match(text, /the body is JSON under the Content-Type of a form; send it as application\/json/);
      assert.ok(!text.includes(PASSWORD));
    }
  });

  it('has a lead id of 0 for none, as getLiveAgentInfo answers it, also as a JSON number', async () => {
    const phone_number = '5587654321';
    for (const none of [0, '0', '00', 'null', null, ''] as const) {
      for (const name of ['lead_id', 'leed_id', 'goLeadID']) {
        assert.equal((await postJson({ [name]: none, phone_number })).lead_info?.lead_id, 14246, name);
        const alone = await postJson({ [name]: none });
        assert.deepEqual([alone.result, alone.fields], ['validation_failed', ['phone_number', 'lead_id']]);
      }
      assert.equal((await postJson({ lead_id: none, goLeadID: 14246 })).lead_info?.lead_id, 14246);
    }
  });

  describe('as multipart', () => {
    it('may be cut off anywhere: 400 or an answer, and the server lives', async () => {
      const whole = `${multipart(login, '')}--${BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nfile\r\n--${BOUNDARY}--\r\n`;
      for (let end = 0; end <= whole.length; end += 1) {
        const { status } = await post(MULTIPART, whole.slice(0, end));
        assert.ok(status === 200 || status === 400, `cut at ${end}: ${status}`);
      }
      assert.equal((await post(MULTIPART, multipart([...login, ['name="lead_id"', '7']]))).status, 200);
    });

    it('takes a part without a name for none', async () => {
      const { text } = await post(MULTIPART, multipart([...login, ['name="lead_id"', '7'], ['', '8']]));
      assert.match(text, /"lead_id":7,/);
    });

    it('is read, whatever the order; files are no parameters', async () => {
      const body = multipart([
        ['name="lead_id"; filename="x.txt"', '7'],
        ['name="lead id"', '14246'],
        ...login,
        ['name="lead_id"; filename="x.txt"', '8'],
      ]);
      const { status, text } = await post(MULTIPART, body);
      assert.equal(status, 200, text);
      assert.equal((JSON.parse(text) as Body).lead_info?.lead_id, 14246);
    });

    it('is taken as it is: nothing in it is percent-decoded', async () => {
      const { text } = await post(MULTIPART, multipart([...login, ['name="lead_id"', '%31']]));
      assert.deepEqual((JSON.parse(text) as Body).fields, ['lead_id']);
    });

    it('is refused when it ends early, has no boundary, is no UTF-8 or passes a limit', async () => {
      const broken = 'the multipart body is broken';
      await assertUnreadable(MULTIPART, multipart(login, ''), broken);
      await assertUnreadable(MULTIPART, '', broken);
      await assertUnreadable(MULTIPART, 'no part at all', broken);
      await assertUnreadable('multipart/form-data', multipart(login), broken);
      await assertUnreadable(
        MULTIPART,
        Buffer.from(multipart([['name="a"', 'caf\u00e9']]), 'latin1'),
        'the request has bytes that are no UTF-8',
      );
      await assertUnreadable(
        MULTIPART,
        multipart([[`name="${'n'.repeat(65)}"`, '1']]),
        'the request has a parameter name of more than 64 bytes',
      );
      await assertUnreadable(
        MULTIPART,
        multipart([['name="a"', 'v'.repeat(1025)]]),
        'the request has a parameter value of more than 1024 bytes',
      );
      await assertUnreadable(
        MULTIPART,
        multipart(Array.from({ length: 101 }, (_, at) => [`name="p${at}"`, '1'] as const)),
        'the request has more than 100 parameters',
      );
    });
  });

  describe('as JSON', () => {
    it('is an object of texts and numbers', async () => {
      assert.equal((await postJson({ lead_id: '14246' })).lead_info?.lead_id, 14246);
      assert.equal((await postJson({ lead_id: 14246 })).lead_info?.lead_id, 14246);
      assert.equal((await postJson({ 'phone number': 5587654321 })).lead_info?.lead_id, 14246);
    });

    it('has its numbers taken as they are written, to the last of 18 digits', async () => {
      const body = JSON.stringify(LOGIN).replace('}', `,"phone_number":${EIGHTEEN_DIGITS}}`);
      const { text } = await post('application/json', body);
      assert.equal((JSON.parse(text) as Body).lead_info?.lead_id, 7);
    });

    for (const written of ['14246.0', '1.4246e4', '-14246', '1e999']) {
      it(`has ${written} as a malformed lead id`, async () => {
        const { text } = await post(
          'application/json',
          JSON.stringify(LOGIN).replace('}', `,"lead_id":${written}}`),
        );
        assert.deepEqual((JSON.parse(text) as Body).fields, ['lead_id']);
      });
    }

    it('has null for not sent', async () => {
      assert.equal((await postJson({ lead_id: null, phone_number: '5587654321' })).lead_info?.lead_id, 14246);
      assert.deepEqual((await postJson({ lead_id: null })).fields, ['phone_number', 'lead_id']);
    });

    for (const value of [true, false, {}, { a: 1 }, [], ['14246'], [14246], { toString: '14246' }]) {
      it(`has ${JSON.stringify(value)} for a malformed lead id`, async () => {
        const { result, message, fields } = await postJson({ lead_id: value, phone_number: '5587654321' });
        assert.equal(result, 'validation_failed');
        assert.deepEqual(fields, ['lead_id']);
        assert.equal(
          message,
          `Error: lead_id must be ${Array.isArray(value) ? 'one value, not a list' : 'a text or a number'}`,
        );
      });
    }

    for (const value of [0, 1, true, false, null, [], {}, [PASSWORD], { 0: PASSWORD }, '']) {
      it(`is refused with ${JSON.stringify(value).replace(PASSWORD, '…')} for a password`, async () => {
        const { result, message } = await postJson({ goUser: 'bot', goPass: value, lead_id: 14246 });
        assert.deepEqual({ result, message }, { result: 'error', message: 'Invalid Username/Password' });
      });
    }

    it('may have any names without effect', async () => {
      const names = '"__proto__":{"lead_id":"7"},"constructor":"x","toString":1,"hasOwnProperty":false';
      const { text } = await post(
        'application/json',
        JSON.stringify(LOGIN).replace('}', `,${names},"lead_id":14246}`),
      );
      assert.equal((JSON.parse(text) as Body).lead_info?.lead_id, 14246);
    });

    for (const body of ['[]', '"text"', '1', 'null', 'true']) {
      it(`is refused when it is ${body}`, () =>
        assertUnreadable('application/json', body, 'the JSON body is no object'));
    }

    for (const body of ['', '{', '{"a":1,}', "{'a':1}", '{"a":"\n"}', '\ufeff{}', '['.repeat(60_000)]) {
      it(`is refused when it is ${JSON.stringify(body.slice(0, 12))}`, () =>
        assertUnreadable('application/json', body, 'the body is no JSON'));
    }

    it('is refused, not crashed on, when it is nested as deep as it can be', async () => {
      const { status } = await post('application/json', `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`);
      assert.ok(status === 400 || status === 200, String(status));
      assert.equal((await postJson({ lead_id: 14246 })).lead_info?.lead_id, 14246);
    });

    it('is refused when its bytes are no UTF-8', async () => {
      const body = Buffer.from('{"a":"caf\u00e9"}', 'latin1');
      await assertUnreadable('application/json', body, 'the request has bytes that are no UTF-8');
    });
  });

  describe('of another type', () => {
    for (const type of ['text/plain', 'text/xml', 'application/jsonx', 'application/xml', ';;;', undefined]) {
      it(`${type ?? 'without a type'} is 415, and not read`, async () => {
        const { status, text } = await post(
          type,
          JSON.stringify({ ...LOGIN, lead_id: 14246 }),
          '?responsetype=json',
        );
        assert.equal(status, 415);
        assert.ok(!text.includes('Ñandú') && !text.includes('lead_info'));
      });
    }

    it('does not matter when there is no body', async () => {
      const query = new URLSearchParams({ ...LOGIN, lead_id: '14246' }).toString();
      const { status, text } = await send(running.url, `${PATH}?${query}`, { method: 'POST' });
      assert.equal(status, 200);
      assert.equal((JSON.parse(text) as Body).lead_info?.lead_id, 14246);
    });
  });
});
