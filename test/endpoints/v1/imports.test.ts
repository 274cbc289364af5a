import assert from 'node:assert/strict';
import { join } from 'node:path';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { createApp } from '../../../src/app.ts';
import { recordsOf } from '../../audit/audit-fixture.ts';
import { onOwnEngines } from '../../support/own-engines.ts';
import { ROOT } from '../../support/command.ts';
import { temporaryFolder, testConfig, type TestApp } from '../../support/test-app.ts';
import { createWatchedLog } from '../../support/watched-log.ts';
import { until } from '../../support/until.ts';
import { createImporter, type ImportSeen, startImportApp } from './imports-fixture.ts';

const FILE = [
  'Nombre,Teléfono,Ciudad',
  'Ana,55 1234 0007,León',
  'Bruno,55 1234 0008,Mérida',
  'Nobody,abc,Puebla',
  '',
].join('\r\n');

const MOST_MEBIBYTES = 3;
const importsIn = (folder: string) => readdirSync(folder).find((name) => name.endsWith('-imports')) ?? '';

onOwnEngines('imports by /v1', (emptyStore) => {
  const folder = temporaryFolder();
  let test: TestApp;
  let eva: ReturnType<typeof createImporter>;
  before(async () => {
    test = await startImportApp(folder, {
      ...emptyStore(),
      audit: join(folder, 'audit'),
      importMegabytes: MOST_MEBIBYTES,
    });
    eva = createImporter(test.url);
  });
  after(() => test.close());

  it('come in parts, are looked through, tried, done, and taken back; the audit and the history have them', async () => {
    const whole = await eva.upload('clientes.csv', FILE, { list: 1 }, 20);
    assert.deepEqual([whole.state, whole.fault, whole.has_file], ['previewed', null, true]);
    assert.deepEqual(whole.preview?.columns, [
      { column: 'Nombre', became: 'first_name' },
      { column: 'Teléfono', became: 'phone_number' },
      { column: 'Ciudad', became: 'city' },
    ]);
    assert.deepEqual(whole.preview.rows[0], ['Ana', '55 1234 0007', 'León']);
    assert.deepEqual(whole.preview.problems, []);

    const tried = await eva.start(whole.id, { dry_run: true });
    assert.equal(tried.state, 'previewed', tried.fault ?? '');
    assert.deepEqual(tried.trial?.counts, { added: 1, updated: 1, unchanged: 0, rejected: 1 });
    assert.equal(tried.trial.first_rejected?.line, 4);
    assert.equal(await test.store.archive.countLeads(), 1);

    const done = await eva.start(whole.id);
    assert.deepEqual([done.state, done.fault, done.has_file], ['done', null, false]);
    assert.deepEqual(done.result?.counts, { added: 1, updated: 1, unchanged: 0, rejected: 1 });
    assert.equal(await test.store.archive.countLeads(), 2);
    const change = (await test.store.records.timeline(7, { offset: 0, limit: 1 }))?.entries[0];
    assert.deepEqual(change?.type === 'change' && [change.user, change.endpoint, change.importId], [
      'eva',
      'v1',
      done.import_id,
    ]);
    const rejects = await eva.ask('GET', `/${whole.id}/rejects`);
    assert.match(
      rejects.text,
      /^\uFEFFNombre,Teléfono,Ciudad,reject_line,reject_reason\r\nNobody,abc,Puebla,4,/,
    );

    const undone = await eva.ask('POST', `/${whole.id}/undo`);
    assert.equal((await eva.ask('POST', `/${whole.id}/undo`)).status, 409);
    assert.equal(undone.status, 202, undone.text);
    const back = await eva.ended((JSON.parse(undone.text) as ImportSeen).id);
    assert.deepEqual(back.result?.counts, { restored: 1, removed: 1, kept: 0 });
    assert.equal(await test.store.archive.countLeads(), 1);
    assert.equal((await eva.ask('POST', `/${String(done.import_id)}/undo`)).status, 409);

    const { history } = JSON.parse((await eva.ask('GET', '')).text) as {
      readonly history: readonly object[];
    };
    assert.deepEqual(
      history.map((entry) => ({ ...entry, begun_at: '' })),
      [
        {
          import_id: done.import_id,
          begun_at: '',
          name: 'clientes.csv',
          by: 'eva',
          state: 'undone',
          can_be_undone: false,
          counts: { added: 1, updated: 1, unchanged: 0, rejected: 1, removed: 0 },
        },
      ],
    );
    const acts = recordsOf(join(folder, 'audit'), 'operator').map(
      ({ action, user, endpoint, subject, result }) => [action, user, endpoint, subject, result],
    );
    assert.deepEqual(acts, [
      ['import', 'eva', 'v1', 'clientes.csv', undefined],
      ['import', 'eva', 'v1', 'clientes.csv', 'done'],
      ['import_undo', 'eva', 'v1', 'clientes.csv', undefined],
      ['import_undo', 'eva', 'v1', 'clientes.csv', 'done'],
    ]);
  });
});

describe('files that /v1 imports', () => {
  const folder = temporaryFolder();
  let test: TestApp;
  let eva: ReturnType<typeof createImporter>;
  before(async () => {
    test = await startImportApp(folder, { importMegabytes: MOST_MEBIBYTES });
    eva = createImporter(test.url);
  });
  after(() => test.close());

  it('take a part again, and none that is not next; the answer says where the file ends', async () => {
    const begun = await eva.ask('POST', '', { name: 'parts.csv', size: 30 });
    const { id } = JSON.parse(begun.text) as ImportSeen;
    assert.equal(begun.headers.location, `/v1/imports/${id}`);
    const put = (offset: number | string, bytes: string) => eva.ask('PUT', `/${id}/parts/${offset}`, bytes);
    const received = async () => (await eva.read(id)).received;
    assert.equal((await put(0, 'phone_number\n')).status, 200);
    assert.equal((await put(0, 'XXXXX')).status, 200);
    assert.equal(await received(), 13);
    for (const [offset, bytes] of [
      [14, 'x'],
      [5, '123456789'],
      [13, 'x'.repeat(18)],
    ] as const) {
      const refused = await put(offset, bytes);
      assert.equal(refused.status, 409, String(offset));
      assert.match(refused.text, /"title":"13 of 30 bytes are here: the next part begins there/);
    }
    for (const offset of ['-1', '1e3', 'x']) assert.equal((await put(offset, 'x')).status, 400, offset);
    assert.equal((await put(13, '')).status, 400);
    assert.equal((await eva.ask('PUT', `/${id}/parts/13`, Buffer.alloc(4 * 1024 * 1024 + 1))).status, 413);
    assert.equal((await eva.ask('POST', `/${id}/start`, {})).status, 409);
    const file = join(folder, importsIn(folder), id, 'file');
    assert.equal(readFileSync(file, 'latin1'), 'phone_number\n');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal((await put(13, '5512340009\n551234\n')).status, 409);
    assert.equal((await put(13, '5512340009\n551\n\n\n')).status, 200);
    assert.equal((await eva.ended(id)).state, 'previewed');
    assert.equal((await eva.ask('DELETE', `/${id}`)).status, 204);
    assert.equal(existsSync(file), false);
    assert.equal((await eva.ask('GET', `/${id}`)).status, 404);
  });

  it('are two at once, and no larger than the setting says', async () => {
    const begin = (size: number) => eva.ask('POST', '', { name: 'a.csv', size });
    const ids: string[] = [];
    for (const size of [10, 20]) ids.push((JSON.parse((await begin(size)).text) as ImportSeen).id);
    const third = await begin(30);
    assert.equal(third.status, 409);
    assert.match(third.text, /2 files are here already/);
    for (const id of ids) assert.equal((await eva.ask('DELETE', `/${id}`)).status, 204);
    const large = await begin(MOST_MEBIBYTES * 1024 * 1024 + 1);
    assert.deepEqual([large.status, large.text.includes('at most 3 MiB')], [409, true]);
  });

  it('say what is wrong with what was sent, and are for users who see every list', async () => {
    for (const [body, field] of [
      [{ size: 1 }, 'name'],
      [{ name: 'a' }, 'size'],
      [{ name: '../a', size: 1 }, 'name'],
      [{ name: 'a', size: 0 }, 'size'],
      [{ name: 'a', size: 1, list: 0 }, 'list'],
      [{ name: 'a', size: 1, map: 'x=y' }, 'map'],
      [{ name: 'a', size: 1, country: 'XX' }, 'country'],
      [{ name: 'a', size: 1, format: 'excel' }, 'format'],
      [{ name: 'a', size: 1, replace_most: true }, 'replace_most'],
      [{ name: 'a', size: 1, listId: 1 }, 'listId'],
    ] as const) {
      const refused = await eva.ask('POST', '', body);
      assert.equal(refused.status, 400, JSON.stringify(body));
      assert.deepEqual((JSON.parse(refused.text) as { readonly fields: readonly string[] }).fields, [field]);
    }
    const leo = createImporter(test.url, 'leo');
    const ana = createImporter(test.url, 'ana');
    for (const [method, path, body] of [
      ['POST', '', { name: 'a.csv', size: 1 }],
      ['GET', '', undefined],
      ['PUT', '/none/parts/0', 'x'],
      ['POST', '/1/undo', undefined],
    ] as const) {
      assert.match((await leo.ask(method, path, body)).text, /"code":"every_list_needed"/);
      assert.match((await ana.ask(method, path, body)).text, /"code":"api_not_allowed".*"right":"edit"/);
    }
  });

  it('say why a file cannot be read, or not so, and take it with other options', async () => {
    const broken = await eva.upload('old.xls', Buffer.from('d0cf11e0a1b11ae1', 'hex'));
    assert.deepEqual([broken.state, broken.preview], ['failed', null]);
    assert.equal(
      broken.fault,
      'old.xls is an old workbook (.xls) or protected by a password; save it as .xlsx without a password and import that file',
    );
    assert.equal((await eva.ask('DELETE', `/${broken.id}`)).status, 204);

    const unclear = await eva.upload('who.csv', 'Quién,Dónde\nCarla,5512340011\n');
    assert.equal(unclear.state, 'previewed');
    assert.match(
      unclear.preview?.problems.join() ?? '',
      /name the one that does with map "COLUMN=phone_number"/,
    );
    const failed = await eva.start(unclear.id);
    assert.deepEqual([failed.state, failed.has_file], ['failed', true]);
    assert.match(failed.fault ?? '', /^who\.csv: no column holds the phone number/);
    const options = { list: 1, map: ['Dónde=phone_number', 'Quién=first_name'] };
    const again = await eva.start(unclear.id, { ...options, preview: true });
    assert.deepEqual(again.preview?.problems, []);
    const done = await eva.start(unclear.id);
    assert.deepEqual([done.state, done.fault, done.result?.counts.added], ['done', null, 1]);
    assert.equal((await eva.ask('POST', `/${unclear.id}/start`, {})).status, 409);
  });

  it('are workbooks, vCards and JSON, too', async () => {
    for (const [name, kind] of [
      ['clientes.xlsx', 'xlsx'],
      ['vcard.vcf', 'vcf'],
    ] as const) {
      const bytes = readFileSync(join(ROOT, 'test/fixtures/lead-files', name));
      const seen = await eva.upload(name, bytes, { list: 1 });
      assert.deepEqual(
        [seen.state, seen.preview?.kind, seen.preview?.problems],
        ['previewed', kind, []],
        name,
      );
      assert.ok((seen.preview?.rows.length ?? 0) > 0);
      assert.equal((await eva.ask('DELETE', `/${seen.id}`)).status, 204);
    }
    const json = await eva.upload('a.json', '[{"phone_number":"5512340012"}]', { list: 1 });
    assert.equal(json.preview?.kind, 'json');
    assert.equal((await eva.ask('DELETE', `/${json.id}`)).status, 204);
  });

  it('are refused with words where the disk is full, and go on from where they were', async () => {
    const { text } = await eva.ask('POST', '', { name: 'full.csv', size: 24 });
    const { id } = JSON.parse(text) as ImportSeen;
    const file = join(folder, importsIn(folder), id, 'file');
    rmSync(file);
    symlinkSync('/dev/full', file);
    const full = await eva.ask('PUT', `/${id}/parts/0`, 'phone_number\n');
    assert.equal(full.status, 409);
    assert.match(full.text, /The disk of the server has too little room/);
    rmSync(file);
    writeFileSync(file, '');
    assert.equal((await eva.ask('PUT', `/${id}/parts/0`, 'phone_number\n5512340015\n')).status, 200);
    assert.equal((await eva.ended(id)).state, 'previewed');
    assert.equal((await eva.ask('DELETE', `/${id}`)).status, 204);
  });

  it('wait for another one, and are stopped while they wait', async () => {
    const release = await test.store.archive.claimImport();
    assert.ok(release !== undefined);
    const { id } = await eva.upload('wait.csv', 'phone_number\n5512340013\n', { list: 1 });
    assert.equal((await eva.ask('POST', `/${id}/start`, {})).status, 202);
    await until('it waits', async () => (await eva.read(id)).state === 'waiting');
    assert.equal((await eva.ask('POST', `/${id}/start`, {})).status, 409);
    const stopping = await eva.ask('DELETE', `/${id}`);
    assert.deepEqual([stopping.status, stopping.text], [202, '']);
    const stopped = await eva.ended(id);
    assert.deepEqual([stopped.state, stopped.has_file], ['stopped', true]);
    const later = eva.start(id);
    await release();
    assert.equal((await later).state, 'done');
  });

  it('are failed, and never done, where their process is killed; and can be started again', async () => {
    const release = await test.store.archive.claimImport();
    const { id } = await eva.upload('killed.csv', 'phone_number\n5512340014\n', { list: 1 });
    const place = join(folder, importsIn(folder), id);
    const stateOf = () =>
      JSON.parse(readFileSync(join(place, 'state.json'), 'utf8')) as {
        readonly pid: number;
        readonly state: string;
      };
    await eva.ask('POST', `/${id}/start`, {});
    const { pid } = stateOf();
    process.kill(pid, 'SIGKILL');
    const killed = await eva.ended(id);
    assert.deepEqual([killed.state, killed.has_file], ['failed', true]);
    assert.match(killed.fault ?? '', /^The process that did it ended before its time/);
    // The server was killed with it: nobody has heard of its end.
    writeFileSync(join(place, 'state.json'), JSON.stringify({ state: 'running', work: 'import', pid }));
    assert.equal((await eva.read(id)).state, 'failed');
    await release?.();
    assert.equal((await eva.start(id)).state, 'done');
  });
});

it('end with their server, and are there when it comes again', async () => {
  const folder = temporaryFolder();
  const first = await startImportApp(folder, {});
  const release = await first.store.archive.claimImport();
  let eva = createImporter(first.url);
  const { id } = await eva.upload('server.csv', 'phone_number\n5512340016\n', { list: 1 });
  await eva.ask('POST', `/${id}/start`, {});
  await first.app.close();
  await release?.();
  const config = { ...testConfig(join(folder, 'test.db')), audit: join(folder, 'audit') };
  const second = createApp(config, { log: createWatchedLog().log });
  eva = createImporter(await second.listen());
  try {
    assert.deepEqual((({ state, fault }) => [state, fault])(await eva.ended(id)), [
      'stopped',
      'stopped; nothing was imported',
    ]);
    assert.equal((await eva.start(id)).state, 'done');
  } finally {
    await second.close();
  }
});
