import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';

import { parse } from 'csv-parse/sync';

import { createCardClient } from '../endpoints/card/card-fixture.ts';
import { basic, bearer } from '../support/authorization.ts';
import { runCallercard, startCallercard, stopServer, type RunningServer } from '../support/command.ts';
import { send, type Answer } from '../support/test-app.ts';
import { until } from '../support/until.ts';
import { askDocumented, postJson, type User } from './ask.ts';
import { CARD_SESSION, copyFixture, PASSWORDS, readFixture, TOKENS } from './fixture-0.1.ts';

const STORE = { CALLERCARD_DATABASE: 'sqlite:store.db', CALLERCARD_AUDIT: 'audit' } as const;
const ANA: User = ['ana', PASSWORDS.ana];
const JOSE: User = ['José', PASSWORDS.José];

const LOCKED = '{"result":"error","message":"Too many login attempts, try again in 15 minutes"}';
const INVALID = '{"result":"error","message":"Invalid Username/Password"}';

/** What 0.1 answered to the id of each lead. */
const answers = JSON.parse(readFixture('answers.json')) as Readonly<
  Record<string, { readonly json: string; readonly xml: string }>
>;
const LEADS = Object.keys(answers);

/** A number as somebody writes it, the lead that answers, the column that has it, and how many leads have it there. */
const NUMBERS = [
  ['5512345678', '1', 'phone_number', '1'],
  ['+52 1 55 1234 5678', '1', 'phone_number', '1'],
  ['044 55 1234 5678', '1', 'phone_number', '1'],
  ['tel:+525512345678', '1', 'phone_number', '1'],
  ['33 3615 1234', '1', 'alt_phone', '1'],
  ['8183456789', '2', 'phone_number', '1'],
  ['+52 33 1000 2000', '3', 'phone_number', '1'],
  ['222 400 5000', '4', 'phone_number', '1'],
  ['+52 (999) 925 1111', '5', 'phone_number', '1'],
  ['999-925-2222', '5', 'alt_phone', '1'],
  ['7712345678', '6', 'phone_number', '1'],
  ['55 9000 0000', '204818', 'phone_number', '3'],
  ['+525590000000', '204818', 'phone_number', '3'],
  ['5590000001', '8', 'phone_number', '1'],
  ['12125550123', '9', 'phone_number', '1'],
  ['+1 (212) 555-0123', '9', 'phone_number', '1'],
  ['8111112222', '204817', 'phone_number', '1'],
  ['+52 81 3333 4444', '204817', 'alt_phone', '1'],
  ['0052 81 2222 3333', '204820', 'phone_number', '1'],
] as const;

describe('a server on a store of version 0.1', () => {
  let server: RunningServer;
  let url: string;
  before(async () => {
    server = await startCallercard(['serve'], { cwd: copyFixture(), env: STORE });
    ({ url } = server);
  });
  after(() => stopServer(server));

  it('54: is brought up to date after a copy, which the log names', async () => {
    const words = /store\.db was made by an older version and is now up to date; .*store\.db\.schema-2/;
    await until('it is logged', () => words.test(server.said()));
  });

  it('answers each lead by its id as 0.1 did, to the byte, in JSON and in XML', async () => {
    assert.equal(LEADS.length, 13);
    for (const lead of LEADS) {
      const json = await askDocumented(url, ANA, { lead_id: lead });
      const xml = await askDocumented(url, ANA, { lead_id: lead, responsetype: 'xml' });
      assert.deepEqual({ json: json.text, xml: xml.text }, answers[lead]);
    }
  });

  it('finds leads by every spelling of their numbers, to the byte', async () => {
    for (const [phone, lead, column, matches] of NUMBERS) {
      const answer = await askDocumented(url, ANA, { phone_number: phone });
      assert.deepEqual(foundBy(answer), [answers[lead]?.json, column, matches], phone);
    }
    const none = await askDocumented(url, ANA, { phone_number: '5500000000' });
    assert.equal(
      none.text,
      `{"result":"error","message":"Phone number '5500000000' does NOT exist on the database"}`,
    );
  });

  it('shows a user with lists of its own no other leads', async () => {
    const shared = await askDocumented(url, JOSE, { phone_number: '5590000000' });
    assert.deepEqual(foundBy(shared), [answers['204818']?.json, 'phone_number', '2']);
    const hidden = await askDocumented(url, JOSE, { lead_id: '1' });
    assert.equal(hidden.text, `{"result":"error","message":"Lead ID '1' does NOT exist on the database"}`);
  });

  it('knows users in any letter case and without accents, by their exact passwords', async () => {
    for (const name of ['ANA', 'Ana '])
      assert.equal((await askDocumented(url, [name, ANA[1]], { lead_id: '2' })).text, answers['2']?.json);
    const plain = await askDocumented(url, ['jose', JOSE[1]], { lead_id: '204820' });
    assert.equal(plain.text, answers['204820']?.json);
    assert.equal((await askDocumented(url, ['ana', 'Ana reads every list'], {})).text, INVALID);
  });

  it('refuses a user who is disabled, and one without the right to the API', async () => {
    assert.equal((await askDocumented(url, ['former', PASSWORDS.former], { lead_id: '1' })).text, INVALID);
    const nightjob: User = ['nightjob', PASSWORDS.nightjob];
    assert.equal(
      (await askDocumented(url, nightjob, { lead_id: '1' })).text,
      `{"result":"error","message":"User 'nightjob' is NOT allowed to access GOagent API"}`,
    );
    assert.equal((await send(url, '/v1/leads/1', { headers: basic(...nightjob) })).status, 403);
    assert.equal((await createCardClient(url).signIn(...nightjob)).status, 403);
  });

  it('goes on counting failed logins where 0.1 stopped', async () => {
    const right = async (user: 'forgot' | 'typo') =>
      (await askDocumented(url, [user, PASSWORDS[user]], { lead_id: '1' })).text;
    assert.equal(await right('forgot'), LOCKED);
    assert.equal((await askDocumented(url, ['typo', 'the tenth'], { lead_id: '1' })).text, INVALID);
    assert.equal(await right('typo'), LOCKED);
    // Nobody has this name, and 0.1 saw it three times.
    for (let count = 4; count <= 10; count += 1)
      assert.equal((await askDocumented(url, ['stranger', 'x'], { lead_id: '1' })).text, INVALID);
    assert.equal((await askDocumented(url, ['stranger', 'x'], { lead_id: '1' })).text, LOCKED);
  });

  it('takes tokens with their lists, and refuses one that was revoked', async () => {
    const search = async (secret: string) => {
      const { status, text } = await send(url, '/v1/leads?phone=5590000000', { headers: bearer(secret) });
      assert.equal(status, 200);
      const { leads } = JSON.parse(text) as { leads: readonly { lead_id: number }[] };
      return leads.map(({ lead_id }) => lead_id);
    };
    const [winner, ...others] = await search(TOKENS.crm);
    assert.deepEqual([winner, others.sort((one, other) => one - other)], [204_818, [7, 8, 204_819]]);
    assert.deepEqual(await search(TOKENS.policies), [204_818, 204_819]);
    for (const secret of [TOKENS.stolen, TOKENS.phones])
      assert.equal((await send(url, '/v1/leads/1', { headers: bearer(secret) })).status, 401);
  });

  it('answers a caller-id token with callers of its lists alone', async () => {
    const name = (phone: string) => send(url, `/v1/caller-id/${TOKENS.phones}?phone=${phone}`);
    assert.equal((await name('5512345678')).text, 'Ana Hernández Íñiguez');
    assert.equal((await name('8111112222')).text, '');
    const hash = await send(url, `/v1/caller-id/${TOKENS.phones}?phone=8183456789&format=hash`);
    const { lead_id: lead, city } = Object.fromEntries(new URLSearchParams(hash.text));
    assert.deepEqual([lead, city], ['2', 'Monterrey']);
  });

  it('lets users and programs send calls to a card', async () => {
    const call = { user: 'Ana', phone: '55 1234 5678', direction: 'inbound' };
    for (const headers of [basic(...JOSE), bearer(TOKENS.crm)])
      assert.equal((await postJson(url, '/v1/calls', call, headers)).status, 202);
    assert.equal((await postJson(url, '/v1/calls', call, bearer(TOKENS.phones))).status, 401);
  });

  it('keeps people signed in at the card, and signs them in again', async () => {
    const kept = createCardClient(url);
    kept.cookies.set('callercard', CARD_SESSION);
    assert.match((await kept.get('/card?lead=204817')).text, /Guadalupe/);
    const again = createCardClient(url);
    assert.equal((await again.signIn(...JOSE)).status, 303);
    assert.match((await again.get('/card?phone=8111112222')).text, /Guadalupe/);
    assert.doesNotMatch((await again.get('/card?lead=1')).text, /Hernández/);
  });
});

describe('commands on a store of version 0.1, one after the other', () => {
  const cwd = copyFixture();
  const run = (...args: readonly string[]) => runCallercard(args, { cwd, env: STORE });

  async function runWell(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, `${args.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  }

  it('54: only import and serve bring it up to date, after a copy; the others refuse it and change nothing', async () => {
    const bytes = () => readFileSync(join(cwd, 'store.db'));
    const before = bytes();
    for (const args of [
      ['check'],
      ['export'],
      ['lookup', '--lead', '1'],
      ['user', 'list'],
      ['token', 'list'],
      ['user', 'disable', 'ana'],
    ]) {
      const { code, stdout, stderr } = await run(...args);
      assert.notEqual(code, 0, args.join(' '));
      assert.match(
        stdout + stderr,
        /store\.db was made by an older version of callercard; "callercard serve"/,
      );
      assert.ok(bytes().equals(before), args.join(' '));
    }
    const { code, stderr } = await run('import', 'policies.csv');
    assert.equal(code, 0);
    assert.match(stderr, /as it was, it is kept in \S*store\.db\.schema-2$/m);
    const copy = join(cwd, 'store.db.schema-2');
    assert.equal(statSync(copy).mode & 0o777, 0o600);
    using kept = new DatabaseSync(copy, { readOnly: true });
    assert.equal(kept.prepare('PRAGMA user_version').get()?.user_version, 2);
    assert.equal(kept.prepare('SELECT count(*) AS leads FROM leads').get()?.leads, 13);
    assert.deepEqual(
      readdirSync(cwd).filter((name) => name.includes('.copy-')),
      [],
    );
  });

  it('check finds no problem', async () => {
    const { sound, found } = JSON.parse(await runWell('check', '--json')) as {
      sound: boolean;
      found: readonly { message: string }[];
    };
    assert.equal(sound, true);
    assert.ok(
      found.some(({ message }) => /\b13\b/.test(message)),
      'the leads are not counted',
    );
  });

  it('export writes every value of every lead that 0.1 exported', async () => {
    const rows = (text: string) => parse(text, { columns: true }) as readonly Readonly<Row>[];
    const earlier = rows(readFixture('export.csv'));
    const now = rows(await runWell('export'));
    assert.equal(now.length, 13);
    // A later version may add columns.
    assert.deepEqual(
      now.map((row, at) =>
        Object.fromEntries(Object.keys(earlier[at] ?? {}).map((name) => [name, row[name]])),
      ),
      earlier.map((row) => ({ ...row })),
    );
  });

  it('import changes nothing with the files that made the store, nor with its export', async () => {
    const customers = ['customers.csv', '--list', '101', '--map', 'colonia 3=address3'];
    for (const [args, leads] of [
      [customers, 9],
      [['policies.csv'], 4],
      [['export.csv'], 13],
    ] as const) {
      const summary = JSON.parse(await runWell('import', ...args, '--json')) as Readonly<
        Record<string, unknown>
      >;
      const { added, updated, unchanged, rejected } = summary;
      const nothing = { added: 0, updated: 0, unchanged: leads, rejected: 0 };
      assert.deepEqual({ added, updated, unchanged, rejected }, nothing, args[0]);
    }
  });

  it('lookup finds a lead', async () => {
    assert.equal(await runWell('lookup', '--phone', '+52 999 925 2222', '--json'), `${answers['5']?.json}\n`);
  });

  it('51: user list and token list show whom and what 0.1 made, with the rights that these had', async () => {
    const users = JSON.parse(await runWell('user', 'list', '--json')) as readonly Readonly<Row>[];
    assert.deepEqual(
      users.map(({ name, active, mayUseApi, rights, lists, locked }) => [
        name,
        active,
        mayUseApi,
        String(rights),
        lists,
        locked,
      ]),
      [
        ['ana', true, true, 'card,read,calls', 'every list', false],
        ['forgot', true, true, 'card,read,calls', 'every list', true],
        ['former', false, true, 'card,read,calls', 'every list', false],
        ['José', true, true, 'card,read,calls', [102], false],
        ['nightjob', true, false, '', 'every list', false],
        ['typo', true, true, 'card,read,calls', 'every list', false],
      ],
    );
    const tokens = JSON.parse(await runWell('token', 'list', '--json')) as readonly Readonly<Row>[];
    assert.deepEqual(
      tokens.map(({ name, scope, lists, state }) => [name, scope, lists, state]),
      [
        ['crm', 'read,calls', 'every list', 'good'],
        ['phones', 'caller-id', [101], 'good'],
        ['policies', 'read,calls', [102], 'good'],
        ['stolen', 'read,calls', 'every list', 'revoked'],
      ],
    );
  });
});

type Row = Record<string, unknown>;

function foundBy({ text, headers }: Answer): readonly unknown[] {
  return [text, headers['callercard-phone-match'], headers['callercard-matches']];
}
