import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { runCallercard } from '../support/command.ts';
import { temporaryFolder } from '../support/test-app.ts';

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

describe('a file that a command writes', () => {
  it('is never the store, not even through a link', async () => {
    const folder = temporaryFolder();
    const store = join(folder, 'store.db');
    writeFileSync(join(folder, 'a.csv'), 'telefono\n5512345678\nno number\n');
    const database = ['--database', `sqlite:${store}`];
    assert.equal(
      (await runCallercard(['import', 'a.csv', '--list', '1', ...database], { cwd: folder })).code,
      3,
    );
    symlinkSync(store, join(folder, 'link.db'));
    const before = hashOf(store);
    for (const target of [store, join(folder, 'link.db')]) {
      const imported = await runCallercard(
        ['import', 'a.csv', '--list', '1', '--rejects', target, ...database],
        { cwd: folder },
      );
      const exported = await runCallercard(['export', target, '--force', ...database], { cwd: folder });
      for (const { code, stderr } of [imported, exported]) {
        assert.equal(code, 2);
        assert.match(stderr, /^callercard: .+ is the store itself; name another file\n$/);
      }
    }
    assert.equal(hashOf(store), before);
  });

  it('is not written through a link of somebody else', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'other'));
    const victim = join(folder, 'other', 'victim.txt');
    writeFileSync(victim, 'kept');
    writeFileSync(join(folder, 'a.csv'), 'telefono\nno number\n');
    symlinkSync(victim, join(folder, 'a.rejects.csv'));
    const { code } = await runCallercard(
      ['import', 'a.csv', '--list', '1', '--database', `sqlite:${join(folder, 'store.db')}`],
      { cwd: folder },
    );
    assert.equal(code, 1);
    assert.equal(readFileSync(victim, 'utf8'), 'kept');
  });
});
