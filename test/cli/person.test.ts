import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';

import { faultsOf, recordsOf } from '../audit/audit-fixture.ts';
import { openStore } from '../../src/stores/open-store.ts';
import type { LeadState } from '../../src/core/lead-state.ts';
import type { Actor } from '../../src/core/record-store.ts';
import { runCallercard, startCallercard, stopServer, type Ran } from '../support/command.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { send, temporaryFolder, testConfig } from '../support/test-app.ts';
import { targetOf } from '../support/filled-folder.ts';
import { PASSWORD } from '../service/lookup-fixture.ts';
import { basic } from '../support/authorization.ts';
import { createCardClient } from '../endpoints/card/card-fixture.ts';

/** The person who is erased: what must be nowhere afterwards. */
const NAME = 'Zenobia';
const FORMER_NAME = 'Quirina';
const EMAIL = 'zenobia.q@planted.example';
const NUMBER = '5512349876';
const FORMER = '5512348765';
const FURTHER = '5512347654';
const NOTE = 'planted-note-of-hers';
const EXTERNAL = 'CRM-PLANTED-77';
const PLANTED = [NAME, FORMER_NAME, EMAIL, NUMBER, FORMER, FURTHER, NOTE, EXTERNAL];
/** And as an index of words has it. */
const ANYWHERE = [...PLANTED, NAME.toLowerCase(), FORMER_NAME.toLowerCase(), EXTERNAL.toLowerCase()];

/** Whose name is a number. */
const FILE = `crm-${NUMBER}.csv`;

const ANA: Actor = { user: 'ana', endpoint: 'v1', requestId: 'r-1' };
const AUDIT = join('data', 'callercard-audit');

/** A store with Zenobia (7), who has changes, a note and an external id; and others, who share a number or speak of one. */
async function createPersonFolder(): Promise<string> {
  const cwd = temporaryFolder();
  const store = openStore(testConfig(join(cwd, 'data', 'callercard.db')), { create: true });
  const others = Array.from({ length: 300 }, (_, at) => ({
    lead_id: 1000 + at,
    list_id: 1,
    first_name: `Other ${at}`,
    phone_number: String(5_599_000_000 + at),
  }));
  await fillEmbedded(store, {
    lists: [{ list_id: 1, name: 'North' }],
    leads: [
      ...others,
      { lead_id: 7, list_id: 1, first_name: FORMER_NAME, phone_number: FORMER, email: EMAIL },
      { lead_id: 8, list_id: 1, first_name: 'Luis', phone_number: '5512340008' },
      { lead_id: 9, list_id: 1, first_name: 'Eva', phone_number: '5512340009' },
      { lead_id: 10, list_id: 1, first_name: 'Father', phone_number: '5512340010' },
      { lead_id: 11, list_id: 1, first_name: 'Son', phone_number: '5512340010' },
    ],
    users: [{ name: 'crm', password: PASSWORD }],
  });
  const { records } = store;
  const set = async (leadId: number, values: LeadState) => {
    const { state } = (await records.read(leadId, 'every list')) ?? {};
    assert.ok(state);
    await records.change(leadId, state, { ...state, ...values }, ANA, {});
  };
  await set(7, { first_name: NAME, phone_number: NUMBER, numbers: [{ label: 'office', number: FURTHER }] });
  const key = { account: '1', key: 'k', digest: 'd' };
  await records.addNote(7, `${NOTE}, <script>alert(1)</script>`, ANA, key);
  await records.addNote(8, 'his sister has 55 1234 9870', ANA);
  await records.addNote(9, 'her neighbour: (55) 1234-0008', ANA);
  await store.close();
  writeFileSync(join(cwd, FILE), `id,telefono,nombre,lista\n${EXTERNAL},${NUMBER},${NAME},1\n`);
  return cwd;
}

/** Every text that is somewhere in the files of a folder, whatever they are. */
function foundIn(folder: string, texts: readonly string[]): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap(({ parentPath, name }) => {
      const content = readFileSync(join(parentPath, name));
      return texts.filter((text) => content.includes(text)).map((text) => `${name}: ${text}`);
    });
}

const isDone = ({ code, stderr }: Ran) => assert.equal(code, 0, stderr);

describe('a person in a store', { timeout: 300_000 }, () => {
  let cwd: string;
  const run = (...args: readonly string[]) => runCallercard(args, { cwd });
  const json = async (...args: readonly string[]) => {
    const ran = await run(...args);
    isDone(ran);
    return JSON.parse(ran.stdout) as Record<string, unknown>;
  };
  before(async () => {
    cwd = await createPersonFolder();
    isDone(await run('import', FILE, '--key', 'id', '--on-duplicate', 'update', '--profile', 'crm'));
    // A row that is rejected, into a file beside it.
    writeFileSync(join(cwd, 'bad.csv'), `lead_id,list_id,phone_number,first_name\n8,1,${NUMBER},${NAME}\n`);
    assert.equal((await run('import', 'bad.csv', '--map', 'lead_id=lead_id')).code, 3);
  });

  it('of whom there are only calls is found and handed over by the number', async () => {
    const store = openStore(testConfig(join(cwd, 'data', 'callercard.db')));
    const about = { source: 'api', account: '1', user: 'crm', state: 'ended', mayBegin: true } as const;
    const phone = '55 9977 0033';
    const call = { ...about, phone, numberKey: '525599770033', at: Date.now() };
    for (const outcome of ['SALE', 'CALLBK']) assert.ok(await store.calls.report({ ...call, outcome }));
    await store.close();
    const found = await run('person', 'find', '--phone', phone);
    assert.deepEqual([found.code, found.stdout], [0, '']);
    assert.match(found.stderr, /^2 calls with this number are of no lead; /);
    const { leads, calls } = await json('person', 'export', '--phone', phone, '--out', '-');
    assert.deepEqual(
      [leads, (calls as readonly { readonly outcome: string }[]).map((one) => one.outcome)],
      [[], ['CALLBK', 'SALE']],
    );
    const erased = await json('person', 'erase', '--phone', phone, '--yes', '--json');
    assert.partialDeepStrictEqual(erased, { leadIds: [], removed: { calls: 2 } });
    assert.equal((await run('person', 'find', '--phone', phone)).code, 3);
  });

  it('is found by a number, by a former and a further one, and where a note speaks of it', async () => {
    for (const [phone, expected] of [
      [NUMBER, [[7, ['phone_number']]]],
      ['+52 (55) 1234-8765', [[7, ['former']]]],
      [FURTHER, [[7, ['further']]]],
      [
        '5512340008',
        [
          [8, ['phone_number']],
          [9, ['note']],
        ],
      ],
    ] as const) {
      const found = (await json('person', 'find', '--phone', phone, '--json')) as unknown as readonly {
        leadId: number;
        matches: readonly string[];
      }[];
      assert.deepEqual(
        found.map(({ leadId, matches }) => [leadId, matches]),
        expected,
      );
    }
    const nobody = await run('person', 'find', '--phone', '5599887766');
    assert.deepEqual([nobody.code, nobody.stdout], [3, '']);
  });

  it('is shown with all that is kept', async () => {
    const { code, stdout } = await run('lead', 'show', '7');
    assert.equal(code, 0);
    for (const text of PLANTED) assert.ok(stdout.includes(text), text);
    const { timeline } = await json('lead', 'show', '7', '--json');
    assert.ok((timeline as readonly { type: string }[]).some(({ type }) => type === 'note'));
    assert.equal((await run('lead', 'show', '99')).code, 3);
  });

  it('is exported into two files that only this user can read, with who read it', async () => {
    const server = await startCallercard(['serve'], { cwd });
    try {
      assert.equal((await send(server.url, targetOf(7))).status, 200);
    } finally {
      await stopServer(server);
    }
    isDone(await run('person', 'export', '--phone', NUMBER, '--out', 'hers.json'));
    for (const name of ['hers.json', 'hers.html']) {
      assert.equal(statSync(join(cwd, name)).mode & 0o777, 0o600);
      const text = readFileSync(join(cwd, name), 'utf8');
      for (const planted of PLANTED) assert.ok(text.includes(planted), `${name}: ${planted}`);
      assert.ok(!text.includes('Other 1'), name);
    }
    const page = readFileSync(join(cwd, 'hers.html'), 'utf8');
    assert.doesNotMatch(page, /<script|https?:\/\//);
    const { reads } = JSON.parse(readFileSync(join(cwd, 'hers.json'), 'utf8')) as {
      reads: readonly { user: string; result?: string }[];
    };
    assert.ok(reads.some(({ user, result }) => user === 'crm' && result === 'found'));
    assert.match(page, /<html lang="en">[^]*>Who read it, and who changed it<[^]*>crm<[^]*>read</);
    assert.notEqual((await run('person', 'export', '--lead', '7', '--out', 'hers')).code, 0);
  });

  it('is not chosen for the operator where several people share a number', async () => {
    for (const verb of [['export'], ['erase', '--yes']]) {
      const { code, stderr } = await run('person', ...verb, '--phone', '5512340010');
      assert.equal(code, 1);
      assert.match(stderr, /several people .*lead 10 \(Father\); lead 11 \(Son\); say with --lead ID/);
    }
    for (const wrong of [[], ['--lead', '7', '--phone', NUMBER], ['--lead', '7']])
      assert.equal((await run('person', 'erase', ...wrong)).code, 2);
    assert.equal(existsSync(join(cwd, 'person-10.json')), false);
  });

  it('is told in Spanish who asks for it, or whose machine speaks it', async () => {
    isDone(await run('person', 'export', '--lead', '7', '--out', 'flag', '--language', 'es'));
    const { code } = await runCallercard(['person', 'export', '--lead', '7', '--out', 'machine'], {
      cwd,
      env: { LC_ALL: 'es_MX.UTF-8' },
    });
    assert.equal(code, 0);
    for (const name of ['flag.html', 'machine.html']) {
      const page = readFileSync(join(cwd, name), 'utf8');
      for (const words of ['lang="es"', 'número de teléfono', 'nota: ', 'cambiado: nombre', 'leído'])
        assert.ok(page.includes(words), words);
      for (const planted of PLANTED) assert.ok(page.includes(planted), planted);
      assert.doesNotMatch(page, /first_name|What happened|Nothing\./);
    }
    const other = await run('person', 'export', '--lead', '7', '--out', 'x', '--language', 'fr');
    assert.equal(other.code, 2);
    assert.match(other.stderr, /en, es/);
  });

  it('is deleted and can be erased then, too', async () => {
    isDone(await run('lead', 'delete', '9'));
    assert.equal((await run('lookup', '--lead', '9')).code, 3);
    const { isRemoved } = await json('lead', 'show', '9', '--json');
    assert.equal(isRemoved, true);
    const { removed } = await json('person', 'erase', '--phone', '5512340009', '--yes', '--json');
    assert.deepEqual(removed, { ...NOTHING, notes: 1, changes: 1 });
    assert.equal((await run('lead', 'show', '9')).code, 3);
  });

  it('is erased from every file of the folder while a server runs, and the audit holds', async () => {
    const data = join(cwd, 'data');
    const store = join(data, 'callercard.db');
    for (const suffix of ['.schema-8', '.copy-1', '.new-2-wal', '-wal.former']) {
      writeFileSync(store + suffix, `${NAME} ${NUMBER}`);
      utimesSync(store + suffix, 0, 0);
    }
    assert.ok(existsSync(join(data, 'callercard.import-profiles.json')));
    const found = foundIn(data, ANYWHERE).join();
    for (const text of [...PLANTED, NAME.toLowerCase()]) assert.ok(found.includes(text), text);
    const server = await startCallercard(['serve'], { cwd });
    try {
      assert.equal((await send(server.url, targetOf(7))).status, 200);
      const receipt = await json('person', 'erase', '--phone', NUMBER, '--yes', '--json');
      assert.deepEqual(foundIn(data, ANYWHERE), []);
      assert.doesNotMatch((await send(server.url, targetOf(7))).text, /"lead_id"/);
      await checkNowhere(server.url);
      checkReceipt(receipt);
    } finally {
      await stopServer(server);
    }
    assert.deepEqual(foundIn(data, ANYWHERE), []);
    assert.deepEqual(await faultsOf(join(cwd, AUDIT)), []);
    isDone(await run('audit', 'verify'));
    for (const leadId of [8, 10, 1000]) isDone(await run('lookup', '--lead', String(leadId)));
  });

  /** No endpoint and no export has it any longer. */
  async function checkNowhere(url: string): Promise<void> {
    const headers = basic('crm', PASSWORD);
    const pages = [`?phone=${NUMBER}`, `?phone=${FORMER}`, `?q=${NAME}`, `?q=${EXTERNAL}`];
    const leads = ['/7', '/7/timeline', '/7/notes'];
    const client = createCardClient(url);
    await client.signIn('crm', PASSWORD);
    const texts = [
      ...(await Promise.all([...pages, ...leads].map((rest) => send(url, `/v1/leads${rest}`, { headers })))),
      await client.get('/card?lead=7'),
    ].map(({ text }) => text);
    const exported = await run('export', '-');
    isDone(exported);
    for (const text of [...texts, exported.stdout])
      assert.deepEqual(
        ANYWHERE.filter((planted) => text.includes(planted)),
        [],
      );
  }

  function checkReceipt(receipt: Record<string, unknown>): void {
    const { digest, ...others } = receipt;
    assert.equal(digest, hash('sha256', JSON.stringify(others), 'hex'));
    const { files, removed, leadIds, remains } = others as unknown as {
      files: { areClean: boolean; deleted: readonly string[] };
      removed: Record<string, number>;
      leadIds: readonly number[];
      remains: readonly string[];
    };
    assert.ok(remains.some((sentence) => /rejected rows of an import: .*bad\.rejects\.csv/.test(sentence)));
    assert.deepEqual([leadIds, files.areClean, files.deleted.length], [[7], true, 4]);
    assert.deepEqual(
      [removed.leads, removed.notes, removed.externalIds, removed.idempotencyKeys, removed.importNames],
      [1, 1, 1, 1, 1],
    );
    assert.ok(PLANTED.every((text) => !JSON.stringify(receipt).includes(text)));
    const [last] = recordsOf(join(cwd, AUDIT), 'operator').filter(({ receipt: is }) => is === digest);
    assert.deepEqual([last?.action, last?.result, last?.leadIds], ['person_erase', 'done', [7]]);
  }

  it('does not come back by an import, but where the operator says so', async () => {
    const { code, stderr } = await run('import', FILE, '--key', 'id');
    assert.equal(code, 3);
    assert.match(stderr, /was erased at the person's wish on \d{4}-\d\d-\d\d; --include-erased takes it/);
    assert.equal((await run('lookup', '--phone', NUMBER)).code, 3);
    writeFileSync(join(cwd, 'by-id.csv'), `lead_id,list_id,phone_number\n7,1,5588776655\n`);
    assert.equal((await run('import', 'by-id.csv', '--map', 'lead_id=lead_id')).code, 3);
    isDone(await run('import', FILE, '--key', 'id', '--include-erased'));
    isDone(await run('lookup', '--phone', NUMBER));
  });

  it('may be erased without any trace of the number', async () => {
    isDone(await run('person', 'erase', '--phone', NUMBER, '--yes', '--erased-days', '0'));
    isDone(await run('import', FILE, '--key', 'id'));
  });
});

const NOTHING = {
  leads: 0,
  numbers: 0,
  notes: 0,
  changes: 0,
  externalIds: 0,
  idempotencyKeys: 0,
  dailyReads: 0,
  calls: 0,
  importNames: 0,
};
