import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { LookupEvent } from '../../../src/core/lookup-event.ts';
import { MAX_FAILURES } from '../../../src/auth/lockout.ts';
import { countHashes } from '../../service/test-services.ts';
import {
  assertAnswerHeaders,
  exchangeOne,
  PATH,
  queryFor,
  requestText,
  startFilledApp,
  type RawAnswer,
} from '../../http/raw-socket.ts';
import { fillDomains, leadQuery, startDomains, writeDomains } from '../../support/domain-app.ts';
import { send, temporaryFolder, type TestApp } from '../../support/test-app.ts';

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const REFUSED =
  '{"result":"error","message":"goUser and goPass must not stand in the URL here: send them in the body of a POST"}';
const SUCCESS = /^\{"result":"success","lead_info":\{"lead_id":1,/;

describe('a password in the URL, where it is refused', () => {
  const events: LookupEvent[] = [];
  let running: TestApp;
  before(async () => {
    running = await startFilledApp({
      config: { queryCredentials: 'refuse' },
      onEvent: (event) => events.push(event),
    });
  });
  after(() => running.close());

  const post = (target: string, body: string): Promise<RawAnswer> =>
    exchangeOne(running.url, requestText('POST', target, FORM, body));

  const login = queryFor({ lead_id: '1' });
  const { goUser = '', goPass = '', ...query } = Object.fromEntries(new URLSearchParams(login));
  const asked = new URLSearchParams(query).toString();
  const credentials = new URLSearchParams({ goUser, goPass }).toString();

  const targets = {
    'as the documented example has it': login,
    'a user alone': `${asked}&goUser=${goUser}`,
    'a password alone': `${asked}&goPass=${goPass}`,
    'an empty password': `${asked}&goPass=`,
    'a name that PHP reads as it': `${asked}&%20goPass=${goPass}`,
    'a list of passwords': `${asked}&goPass[]=${goPass}`,
    'percent-encoded letters': `${asked}&%67o%50ass=${goPass}`,
  };
  for (const [name, query] of Object.entries(targets)) {
    it(`is 400 by GET and by POST: ${name}`, async () => {
      for (const method of ['GET', 'POST']) {
        const answer = await exchangeOne(running.url, requestText(method, `${PATH}?${query}`));
        assert.deepEqual([answer.status, answer.text], [400, REFUSED], method);
        assertAnswerHeaders(answer);
      }
    });
  }

  it('is 400 in XML, too, when XML or nothing was asked for', async () => {
    const answer = await send(running.url, `${PATH}?goUser=${goUser}&goPass=planted-secret&lead_id=1`);
    assert.equal(answer.status, 400);
    assert.match(answer.text, /<message>goUser and goPass must not stand in the URL here: /);
  });

  it('does not count as a failed login, hashes nothing, and is no lookup', async () => {
    const before = { hashes: countHashes(), lookups: events.length };
    for (let count = 0; count <= MAX_FAILURES; count += 1) {
      assert.equal((await send(running.url, `${PATH}?${queryFor({ goPass: 'wrong' })}`)).status, 400);
    }
    assert.deepEqual({ hashes: countHashes(), lookups: events.length }, before);
    assert.match((await post(PATH, login)).text, SUCCESS);
  });

  it('is refused before the body is read', async () => {
    const head = requestText('POST', `${PATH}?${login}`, { ...FORM, 'Content-Length': '60000' });
    assert.equal((await exchangeOne(running.url, head)).text, REFUSED);
  });

  it('still lets the question stand there, with the password in the body', async () => {
    assert.match((await post(`${PATH}?${asked}`, credentials)).text, SUCCESS);
    const names = `${asked}&gouser=x&GOPASS=x&goPass_=x&pass=x`;
    assert.match((await post(`${PATH}?${names}`, credentials)).text, SUCCESS);
  });
});

describe('a password in the URL, where nothing is said about it', () => {
  it('is taken, as the documented clients send it', async (t) => {
    const running = await startFilledApp();
    t.after(() => running.close());
    assert.match((await send(running.url, `${PATH}?${queryFor({ lead_id: '1' })}`)).text, SUCCESS);
  });

  it('may be refused by one domain and taken by another, and other settings count at once', async (t) => {
    const folder = temporaryFolder();
    const hosts = { one: ['one.example'], two: ['two.example'] };
    const write = (refusing: 'one' | 'two') =>
      writeDomains(folder, {
        one: { hosts: hosts.one, queryCredentials: refusing === 'one' ? 'refuse' : 'allow' },
        two: { hosts: hosts.two, queryCredentials: refusing === 'two' ? 'refuse' : 'allow' },
      });
    const config = write('one');
    await fillDomains(config);
    const running = await startDomains(config);
    t.after(() => running.app.close());
    const ask = async (domain: 'one' | 'two') => {
      const headers = { Host: `${domain}.example` };
      return (await send(running.url, `${PATH}?${leadQuery(domain, 1)}`, { headers })).status;
    };
    assert.deepEqual([await ask('one'), await ask('two')], [400, 200]);
    assert.deepEqual(running.app.reload(write('two')).changed, ['one', 'two']);
    assert.deepEqual([await ask('one'), await ask('two')], [200, 400]);
  });
});
