import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { ImportJob } from '../../../src/core/import-job.ts';
import { IMPORT_WORDS } from '../../../src/endpoints/console/import/import-words.ts';
import { viewImport } from '../../../src/endpoints/console/import/view-import.ts';
import { type Answer, send, type TestApp } from '../../support/test-app.ts';
import { until } from '../../support/until.ts';
import { type CardClient, seenIn, tokenIn } from '../card/card-fixture.ts';
import { signInAtConsole, startConsoleApp } from './console-fixture.ts';

const FILE = 'Quién,Dónde,Nota\r\nZoila,55 1234 0101,<b>bold</b>\r\nNadie,abc,\r\n';

describe('what is said of a file', () => {
  const said = { code: 'leftOut', values: ['dob', "'x'", { code: 'noDay', values: [] }] };
  const job: ImportJob = {
    ...{ id: 'a', fileName: 'a.csv', size: 1, received: 1, state: 'done', work: 'import', by: 'ana' },
    ...{ begunAt: 0, options: {}, hasRejects: false, hasFile: false },
    preview: {
      ...{ kind: 'csv', format: null, headerLine: 1, columns: [], rows: [], problems: [] },
      notices: ['dates of "dob" may …', 'of an earlier version'],
      saidNotices: [{ code: 'openDates', values: ['"dob"', 'dmy', 'MX'] }],
    },
    result: {
      keptBecause: 'nobody was removed, …',
      saidKept: 'rejects',
      warningCount: 2,
      warnings: [
        { line: 2, text: "dob 'x' is no day of the calendar; it was left out", said },
        { line: 3, text: 'of an earlier version' },
      ],
    },
  };

  it('is in the language of the page, without flags; what an earlier version wrote is as it was', () => {
    const { preview, result } = viewImport(job, IMPORT_WORDS.es, { language: 'es', tag: 'es-MX' }, false);
    assert.match(preview?.notices[0] ?? '', /^las fechas de "dob" .* importe de nuevo con dates mdy$/);
    assert.equal(preview?.notices[1], 'of an earlier version');
    assert.match(result?.keptBecause ?? '', /^no se eliminó a nadie, .* indique accept_rejects$/);
    assert.deepEqual(result?.shownWarnings, [
      "Línea 2: dob 'x' no es un día del calendario; no se tomó",
      'Línea 3: of an earlier version',
    ]);
  });
});

describe('the page of imports', () => {
  let test: TestApp;
  let client: CardClient;
  let token: string;
  before(async () => {
    test = await startConsoleApp();
    client = await signInAtConsole(test.url);
    token = tokenIn(await client.get('/console/import'));
  });
  after(() => test.close());

  const ask = (method: string, path: string, type: string, body: string, header = token): Promise<Answer> =>
    send(test.url, `/console/import${path}`, {
      method,
      headers: {
        cookie: [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'content-type': type,
        'x-form-token': header,
      },
      body,
    });
  const sendForm = (fields: Readonly<Record<string, string>>, file = FILE) => {
    const parts = Object.entries(fields).map(
      ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    const body = `${parts.join('')}--x\r\nContent-Disposition: form-data; name="file"; filename="who.csv"\r\nContent-Type: text/csv\r\n\r\n${file}\r\n--x--\r\n`;
    return ask('POST', '/send', 'multipart/form-data; boundary=x', body, '');
  };
  /** @returns the page once nothing is at work */
  async function ended(path: string): Promise<Answer> {
    let page = await client.get(path);
    const isEnded = async () => {
      page = await client.get(path);
      return page.text.includes('data-refresh="0"');
    };
    await until('nothing is at work', isEnded, 50, 60_000);
    return page;
  }

  it('takes a file by its form alone, shows it, tries it, imports it, and takes it back', async () => {
    const sent = await sendForm({ token });
    assert.equal(sent.status, 303, sent.text);
    const path = sent.headers.location ?? '';
    const looked = await ended(path);
    const seen = seenIn(looked);
    assert.match(seen, /Not imported yet.*Text with columns, the header is line 1/);
    assert.match(seen, /It cannot be imported so.*map &quot;COLUMN=phone_number/);
    assert.doesNotMatch(seen, /no column holds the list/);
    assert.match(looked.text, /<td>&lt;b&gt;bold&lt;\/b&gt;<\/td>/);

    const form = {
      token,
      list: '7100',
      'column-0': 'first_name',
      'column-1': 'phone_number',
      'column-2': '-',
    };
    assert.equal((await client.post(`${path}/start`, { ...form, list: 'x' })).status, 400);
    await client.post(`${path}/start`, { ...form, what: 'trial' });
    const tried = seenIn(await ended(path));
    assert.match(tried, /What would change 1 added, 0 changed, 0 unchanged, 1 not taken/);
    assert.match(tried, /The first row that is not taken is line 3/);
    await client.post(`${path}/start`, { ...form, what: 'import' });
    const done = await ended(path);
    assert.match(seenIn(done), /Imported .*What it came to 1 added/);
    assert.match(done.text, new RegExp(`href="${path}/rejects"`));
    assert.match((await client.get(`${path}/rejects`)).text, /Nadie,abc,/);
    assert.deepEqual((await test.store.records.lists()).filter(({ listId }) => listId === 7100).length, 1);

    const list = await client.get('/console/import');
    const [, number = ''] = /name="import" value="(\d+)"/.exec(list.text) ?? [];
    const undone = await client.post('/console/import/undo', { token, import: number });
    assert.equal(undone.status, 303, undone.text);
    assert.match(
      seenIn(await ended(undone.headers.location ?? '')),
      /Taken back .*0 removed|Taken back .*1 removed/,
    );
    assert.match(seenIn(await client.get('/console/import')), /who\.csv .* Taken back/);
    assert.equal((await client.post(`${path}/drop`, { token })).headers.location, '/console/import');
    assert.equal((await client.get(path)).status, 404);
  });

  it('takes a file in parts, as its script sends it', async () => {
    const begun = await client.post('/console/import/begin', { token, name: 'p.csv', size: '24' });
    const path = begun.headers.location ?? '';
    const put = (offset: number, bytes: string, header?: string) =>
      ask(
        'PUT',
        `${path.replace('/console/import', '')}/parts/${offset}`,
        'application/octet-stream',
        bytes,
        header,
      );
    assert.equal((await put(0, 'phone_number\n')).text, '{"received":13}');
    assert.equal((await put(14, 'x')).status, 409);
    assert.equal((await put(13, '5512340102\n', 'of somebody else')).status, 403);
    assert.equal((await put(13, '5512340102\n')).text, '{"received":24}');
    assert.match(seenIn(await ended(path)), /The first rows phone_number 5512340102/);
    await client.post(`${path}/drop`, { token });
  });

  it('takes nothing of somebody else, and says what it does not take', async () => {
    assert.equal((await sendForm({})).status, 403);
    const anybody = await send(test.url, '/console/import/send', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: 'x',
    });
    assert.equal(anybody.status, 401);
    assert.equal((await sendForm({ token }, '')).status, 400);
    const agent = await signInAtConsole(test.url, { name: 'Edith', password: 'MyPass' });
    assert.equal((await agent.get('/console/import')).status, 403);
    assert.equal((await client.post('/console/import/begin', { token, name: '', size: '1' })).status, 400);
  });
});
