import assert from 'node:assert/strict';
import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { createImportFolder, importsFolder } from '../../src/files/import-folder.ts';
import { temporaryFolder } from '../support/test-app.ts';

const MIB = 1024 * 1024;
const about = (size: number) => ({ fileName: 'a.csv', size, by: 'eva', begunAt: 1, options: {} });

describe('the folder of imports', () => {
  it('is beside the store, and shows nobody the imports of another domain', () => {
    assert.equal(importsFolder('data/callercard.db'), 'data/callercard-imports');
    const root = join(temporaryFolder(), 'imports');
    const [acme, other] = [createImportFolder(root, 'acme'), createImportFolder(root, 'other')];
    const id = acme.begin(about(3));
    acme.write(id, 0, Buffer.from('abc'));
    assert.deepEqual([acme.read(id)?.received, acme.read(id)?.hasFile, other.read(id)], [3, true, undefined]);
    assert.deepEqual([acme.list().length, other.list().length], [1, 0]);
    for (const name of ['', '..', '../..', `../imports/${id}`, `${id}/`, `${id}x`])
      assert.equal(acme.read(name), undefined, name);
    for (const path of [root, join(root, id)]) assert.equal(statSync(path).mode & 0o777, 0o700);
  });

  it('takes a file only with room for it, for what it becomes, and for what comes already', () => {
    let free = 0;
    const folder = createImportFolder(join(temporaryFolder(), 'imports'), 'acme', () => free);
    for (const [mebibytes, has] of [
      [63, false],
      [93, false],
      [94, true],
    ] as const) {
      free = mebibytes * MIB;
      assert.equal(folder.hasRoom(10 * MIB), has, String(mebibytes));
    }
    folder.begin(about(MIB));
    assert.equal(folder.hasRoom(10 * MIB), false);
  });

  it('knows what nobody has touched, and removes all of it', () => {
    const root = join(temporaryFolder(), 'imports');
    const folder = createImportFolder(root, 'acme');
    const [old, young] = [folder.begin(about(3)), folder.begin(about(3))];
    for (const name of ['', 'file']) utimesSync(join(root, old, name), 1, 1);
    assert.deepEqual(folder.untouched(60_000), [old]);
    folder.remove(old);
    assert.deepEqual(
      folder.list().map(({ id }) => id),
      [young],
    );
  });
});
