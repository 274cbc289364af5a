import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { type Client, createClient, type Import } from '../../src/client/client.ts';
import { PASSWORD } from '../service/lookup-fixture.ts';
import { startImportApp } from '../endpoints/v1/imports-fixture.ts';
import { temporaryFolder, type TestApp } from '../support/test-app.ts';
import { until } from '../support/until.ts';
import { failureOf } from './failure-of.ts';
import { searchedFetch } from './searched-fetch.ts';

describe('imports by the client', () => {
  let test: TestApp;
  let client: Client;
  before(async () => {
    test = await startImportApp(temporaryFolder(), {});
    client = createClient({ url: test.url, user: 'eva', password: PASSWORD, fetch: searchedFetch });
  });
  after(() => test.close());

  async function ended(id: string): Promise<Import> {
    let seen = await client.getImport(id);
    const hasEnded = async () => {
      seen = await client.getImport(id);
      return seen.state !== 'waiting' && seen.state !== 'running';
    };
    await until('it has ended', hasEnded, 50, 60_000);
    return seen;
  }

  it('send a file, also the rest of one, and import it, and take it back', async () => {
    const row = `5512340021,${'x'.repeat(60_000)}\n`;
    const bytes = new Blob([`phone_number,comments\n`, row.repeat(20), 'abc,\n']);
    const cutOff = new AbortController();
    const other = createClient({
      url: test.url,
      user: 'eva',
      password: PASSWORD,
      fetch: (input, init) => {
        if (init?.method === 'PUT') cutOff.abort();
        return searchedFetch(input, init);
      },
    });
    const file = { name: 'large.csv', bytes };
    await assert.rejects(other.uploadImport(file, { list: 1 }, { signal: cutOff.signal }));
    const [begun] = (await client.getImports()).files;
    assert.ok(begun !== undefined && begun.received < begun.size);
    const sent = await client.uploadImport(file, {}, { resume: begun.id });
    assert.deepEqual([sent.id, sent.received, sent.options], [begun.id, bytes.size, { list: 1 }]);
    assert.equal((await ended(sent.id)).preview?.columns[0]?.became, 'phone_number');
    await client.startImport(sent.id, { dry_run: true });
    assert.equal((await ended(sent.id)).trial?.counts.rejected, 1);
    await client.startImport(sent.id);
    const done = await ended(sent.id);
    assert.deepEqual([done.state, done.result?.counts.added], ['done', 1]);
    assert.match(await client.getImportRejects(sent.id), /abc,,22,/);
    const undo = await client.undoImport(sent.id);
    assert.equal((await ended(undo.id)).result?.counts.removed, 1);
    await client.dropImport(sent.id);
    assert.equal((await failureOf(client.getImport(sent.id))).code, 'import_not_found');
    assert.equal((await failureOf(client.undoImport(done.import_id ?? 0))).code, 'import_refused');
  });
});
