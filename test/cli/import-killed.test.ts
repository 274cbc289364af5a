import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { createImportFixture } from './import-fixture.ts';

const ROWS = 120_000;

describe('an import that is killed', () => {
  it('41: leaves whole batches, and a file that can be imported again', async (t) => {
    const fixture = createImportFixture(t);
    const rows = Array.from(
      { length: ROWS },
      (_, index) => `55${10_000_000 + index},Ana,81${10_000_000 + index}`,
    );
    const file = fixture.file('a.csv', `phone,nombre,telefono2\n${rows.join('\n')}\n`);
    const child = spawn(process.execPath, [
      join(import.meta.dirname, 'import-process.ts'),
      file,
      fixture.connection.path,
    ]);
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    assert.equal(signal, 'SIGKILL', 'the import was over before it was killed');

    const kept = fixture.archive.countLeads();
    assert.ok(kept > 0 && kept < ROWS, String(kept));
    const numbers = fixture.leads().map(({ lead }) => lead.phone_number);
    assert.deepEqual(
      numbers,
      rows.slice(0, kept).map((row) => row.slice(0, 10)),
    );
    assert.equal(fixture.connection.database.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');

    const { err } = await fixture.import(file, { list: 101 });
    assert.match(err, new RegExp(`^added ${ROWS - kept}, updated 0, unchanged ${kept}, rejected 0`, 'm'));
    assert.equal(fixture.archive.countLeads(), ROWS);
  });
});
