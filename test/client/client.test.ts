import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';

import { createClient, type Client, type ClientOptions } from '../../src/client/client.ts';
import type { ServerProblemCode } from '../../src/client/problem.ts';
import type { ProblemCode } from '../../src/core/problem.ts';
import { loadDataset } from '../support/dataset.ts';
import { makeToken } from '../support/made-token.ts';
import { startTestApp, temporaryFolder, type TestApp } from '../support/test-app.ts';
import { failureOf } from './failure-of.ts';
import { searchedFetch } from './searched-fetch.ts';

/** Each is one of the other: the compiler insists. */
type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;
const knowsEveryCode: Same<ServerProblemCode, ProblemCode> = true;

describe('the client', () => {
  let target: TestApp;
  let client: Client;

  before(async () => {
    target = await startTestApp(temporaryFolder(), async (store) => {
      await loadDataset(store);
      await Array.fromAsync(store.archive.indexSearch());
    });
    client = createTarget({});
  });
  after(() => target.close());

  function createTarget(options: Partial<ClientOptions>): Client {
    return createClient({
      url: target.url,
      user: 'MyUser',
      password: 'MyPass',
      fetch: searchedFetch,
      ...options,
    });
  }

  it('knows the codes of the server, every one', () => assert.ok(knowsEveryCode));

  it('gets the documented answer, by number and by id', async () => {
    const byPhone = await client.getCustomerInfo({ phone: '+52 800 432 1000' });
    assert.equal(byPhone.lead_info.lead_id, 14246);
    assert.equal(byPhone.lead_info.first_name, 'Bruno');
    assert.deepEqual(await client.getCustomerInfo({ leadId: 14246 }), byPhone);
  });

  it('asks our own API, with a token or a password', async () => {
    const token = makeToken(target.store, { name: 'client' });
    for (const asking of [client, createTarget({ user: undefined, password: undefined, token })]) {
      const lead = await asking.getLead(14246);
      assert.deepEqual([lead.last_name, lead.is_customer, lead.matched_by], ['Macias', false, null]);
      const { total, leads } = await asking.findLeads('+52 (800) 432-1000', { limit: 1, offset: 0 });
      assert.deepEqual([total, leads[0]?.lead_id, leads[0]?.matched_by], [1, 14246, 'phone_number']);
      assert.equal((await asking.findLeads('5500000000')).total, 0);
      assert.deepEqual(await asking.searchLeads('macias bruno', { limit: 1 }), {
        ...{ total: 1, limit: 1, offset: 0, leads: [{ ...lead, matched_by: null }] },
      });
      const results = await asking.lookupMany([{ leadId: 14246 }, { phone: '5500000000' }]);
      assert.deepEqual(
        results.map((result) => ('lead' in result ? result.lead.lead_id : result.problem.code)),
        [14246, 'phone_not_found'],
      );
      assert.deepEqual(await asking.lookupMany([{ leadId: 14246, phone: undefined }]), results.slice(0, 1));
      assert.deepEqual(
        (await asking.lookupMany([{ leadId: 99, phone: '8004321000' }, { phone: '8004321000' }])).map(
          (result) => ('lead' in result ? result.lead.lead_id : result.problem.code),
        ),
        ['lead_not_found', 14246],
      );
      assert.equal((await asking.getListFields(22799125)).list_id, 22799125);
      assert.match(
        await asking.notifyCall({ user: 'agent', leadId: 14246, direction: 'inbound' }),
        /^[\w-]{12}$/,
      );
    }
  });

  it('makes, changes, notes, undoes and removes leads, and sets lists', async () => {
    const token = makeToken(target.store, { name: 'editor', scope: ['read', 'edit'] });
    const editing = createTarget({ user: undefined, password: undefined, token });
    assert.deepEqual(await editing.createList({ list_id: 7, name: 'Seven' }), {
      list_id: 7,
      name: 'Seven',
      statuses: [],
    });
    assert.deepEqual((await editing.changeList(7, { statuses: ['NEW'] })).statuses, ['NEW']);
    assert.ok((await editing.getLists()).some(({ list_id: id }) => id === 7));
    const { fields } = await editing.setListFields(7, [{ label: 'plan', type: 'SELECT', options: ['gold'] }]);
    assert.deepEqual(fields, [{ label: 'plan', caption: 'plan', type: 'SELECT', options: ['gold'] }]);

    const numbers = [{ label: 'home', number: '5500000071' }];
    const wanted = { list_id: 7, phone_number: '5500000070', custom_info: { plan: 'gold' }, numbers };
    const made = await editing.createLead(wanted, { idempotencyKey: 'k' });
    const leadId = made.lead.lead_id;
    assert.deepEqual((await editing.createLead(wanted, { idempotencyKey: 'k' })).lead, made.lead);
    const taken = await failureOf(editing.createLead(wanted));
    assert.deepEqual([taken.code, taken.status, taken.leadId], ['number_taken', 409, leadId]);
    assert.notEqual((await editing.createLead(wanted, { force: true })).lead.lead_id, leadId);

    const changed = await editing.changeLead(leadId, { city: 'León' }, { ifMatch: made.tag });
    assert.equal(changed.lead.city, 'León');
    const stale = await failureOf(editing.removeLead(leadId, { ifMatch: made.tag }));
    assert.deepEqual([stale.code, stale.status], ['changed_meanwhile', 412]);
    const noteId = await editing.addNote(leadId, 'prefers mornings');
    assert.deepEqual(
      (await editing.getNotes(leadId)).notes.map(({ note_id: id, text }) => [id, text]),
      [[noteId, 'prefers mornings']],
    );
    const undone = await editing.undoChange(leadId, changed.changeId ?? 0);
    assert.deepEqual(undone, made.lead);
    const removal = await editing.removeLead(leadId);
    const { entries, is_removed: isRemoved, total } = await editing.getTimeline(leadId, { limit: 2 });
    assert.deepEqual([isRemoved, total, entries.map(({ type }) => type)], [true, 5, ['change', 'change']]);
    assert.deepEqual(await editing.undoChange(leadId, removal), made.lead);
  });

  it('reports the problems of our own API by their codes as well', async () => {
    const wrong = createTarget({ user: undefined, password: undefined, token: `cc_${'A'.repeat(43)}` });
    for (const [code, status, work] of [
      ['lead_not_found', 404, client.getLead(99)],
      ['list_not_found', 404, client.getListFields(99)],
      ['credentials_invalid', 401, wrong.getLead(14246)],
      ['parameter_malformed', 400, client.notifyCall({ user: '', phone: 'x' })],
    ] as const) {
      const failure = await failureOf(work);
      assert.deepEqual([failure.code, failure.status], [code, status]);
    }
    await assert.rejects(createClient({ url: target.url }).getLead(1), TypeError);
  });

  it('reports what the server says is wrong by its code', async () => {
    const codes = {
      lead_not_found: () => client.getCustomerInfo({ leadId: 99 }),
      phone_not_found: () => client.getCustomerInfo({ phone: '5500000000' }),
      parameter_malformed: () => client.getCustomerInfo({ phone: 'abc' }),
      credentials_invalid: () => createTarget({ password: 'Wr0ng' }).getCustomerInfo({ leadId: 14246 }),
    };
    for (const [code, ask] of Object.entries(codes)) {
      const failure = await failureOf(ask());
      assert.deepEqual([failure.code, failure.status, failure.name], [code, 200, 'CallercardError']);
      assert.ok(!JSON.stringify(failure).includes('MyPass') && !failure.message.includes('MyPass'));
    }
    assert.deepEqual((await failureOf(codes.parameter_malformed())).fields, ['phone_number']);
  });

  it('refuses to be made of what cannot work', async () => {
    assert.throws(() => createClient({ url: 'nowhere' }), TypeError);
    await assert.rejects(createTarget({ user: undefined }).getCustomerInfo({ leadId: 1 }), TypeError);
  });
});

describe('a client whose server is busy, slow or gone', () => {
  /** What the next requests are answered, in order. */
  const script: ((request: IncomingMessage, response: ServerResponse) => void)[] = [];
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    const act = script.shift();
    if (act !== undefined) act(request, response);
  });
  let url = '';

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/below/a/path`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  function play(...acts: typeof script): Client {
    script.splice(0, script.length, ...acts);
    asked = 0;
    return createClient({ url, user: 'u', password: 'p', timeoutMs: 20_000 });
  }

  const busy =
    (status: number, retryAfter?: string) => (_request: IncomingMessage, response: ServerResponse) => {
      if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
      response.writeHead(status).end('{"result":"error","message":"The server is busy."}');
    };
  const success = (request: IncomingMessage, response: ServerResponse) => {
    assert.equal(request.url, '/below/a/path/goAPIv2/goAgent/goAPI.php?responsetype=json');
    response.end('{"result":"success"}');
  };

  it('asks again after the time that the server names', async () => {
    const client = play(busy(503, '1'), busy(429, new Date(Date.now() + 500).toUTCString()), success);
    const started = performance.now();
    assert.deepEqual(await client.getCustomerInfo({ leadId: 1 }), { result: 'success' });
    assert.equal(asked, 3);
    assert.ok(performance.now() - started >= 1_000);
  });

  it('asks again after a while where none is named, and where nothing came back', async () => {
    const client = play(busy(503), (request) => request.socket.destroy(), success);
    await client.getCustomerInfo({ leadId: 1 });
    assert.equal(asked, 3);
  });

  it('gives up after the tries that it has', async () => {
    const failure = await failureOf(
      play(busy(503, '0'), busy(503, '0'), busy(503, '0')).getCustomerInfo({ leadId: 1 }),
    );
    assert.deepEqual(
      [failure.code, failure.status, failure.retryAfterSeconds, asked],
      ['overloaded', 503, 0, 3],
    );
  });

  it('does not wait longer than it may', async () => {
    const started = performance.now();
    const failure = await failureOf(play(busy(429, '3600')).getCustomerInfo({ leadId: 1 }));
    assert.deepEqual([failure.code, failure.retryAfterSeconds, asked], ['rate_limited', 3_600, 1]);
    assert.ok(performance.now() - started < 10_000);
  });

  it('asks once what another try would not change', async () => {
    const failure = await failureOf(play(busy(500)).getCustomerInfo({ leadId: 1 }));
    assert.deepEqual([failure.code, asked], ['internal', 1]);
  });

  it('ends in time, or with the signal of its caller', async () => {
    const silent = () => undefined;
    const late = await failureOf(play(silent).getCustomerInfo({ leadId: 1 }, { timeoutMs: 300 }));
    assert.equal(late.code, 'timeout');
    const leaving = new AbortController();
    const waiting = play(silent).getCustomerInfo({ leadId: 1 }, { signal: leaving.signal });
    leaving.abort();
    assert.equal((await failureOf(waiting)).code, 'aborted');
    const ended = await failureOf(
      play(success).getCustomerInfo({ leadId: 1 }, { signal: AbortSignal.abort() }),
    );
    assert.deepEqual([ended.code, asked], ['aborted', 0]);
  });

  it('says that its caller ended it, whatever the reason is', async () => {
    for (const reason of [undefined, null, 'stop', 0, { status: 200 }, new Error('stop')]) {
      const client = play(() => leaving.abort(reason));
      const leaving = new AbortController();
      const failure = await failureOf(client.getLead(1, { signal: leaving.signal }));
      assert.deepEqual([failure.code, failure.status, asked], ['aborted', undefined, 1]);
    }
  });

  it('follows no redirect: a password goes where it was meant to', async () => {
    const away = (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end();
    };
    assert.equal(
      (await failureOf(play(away, away, away).getCustomerInfo({ leadId: 1 }))).code,
      'unreachable',
    );
  });

  it('says when an answer is none of callercard', async () => {
    const other = (_request: IncomingMessage, response: ServerResponse) => response.end('<html>');
    assert.equal((await failureOf(play(other).getCustomerInfo({ leadId: 1 }))).code, 'unexpected');
  });
});
