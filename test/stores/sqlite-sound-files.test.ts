import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';

import { openStore } from '../../src/stores/open-store.ts';
import { isSoundStill } from '../../src/stores/sqlite/sound-files.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';

/** Opens and closes a store, as a process with many domains does. */
async function openAndClose(path: string): Promise<void> {
  await openStore(testConfig(path), { create: true }).close();
}

describe('a store that this process has closed', () => {
  it('16, 33: is not read through again when it is opened', async () => {
    const path = join(temporaryFolder(), 'closed.db');
    for (let round = 0; round < 3; round += 1) {
      await openAndClose(path);
      assert.equal(isSoundStill(path), true);
    }
  });

  const changes: readonly (readonly [what: string, change: (path: string) => void])[] = [
    [
      'was written by others',
      (path) => {
        using other = new DatabaseSync(path);
        other.exec("INSERT INTO meta VALUES ('other', '1')");
      },
    ],
    [
      'was damaged, with its times set back',
      (path) => {
        const { atime, mtime } = statSync(path);
        const bytes = readFileSync(path);
        bytes.fill(7, 8_192, 8_292);
        writeFileSync(path, bytes);
        utimesSync(path, atime, mtime);
      },
    ],
    [
      'was replaced by a copy',
      (path) => {
        copyFileSync(path, `${path}.copy`);
        renameSync(`${path}.copy`, path);
      },
    ],
    [
      'has a log',
      (path) => {
        writeFileSync(`${path}-wal`, '');
      },
    ],
  ];
  for (const [what, change] of changes)
    it(`40: is read through again when it ${what}`, async () => {
      const path = join(temporaryFolder(), 'changed.db');
      await openAndClose(path);
      change(path);
      assert.equal(isSoundStill(path), false);
    });

  it('40: is refused when it was damaged meanwhile', async () => {
    const path = join(temporaryFolder(), 'damaged.db');
    await openAndClose(path);
    const bytes = readFileSync(path);
    bytes.fill(255, 8_192);
    writeFileSync(path, bytes);
    assert.throws(() => openStore(testConfig(path)), /is damaged/);
  });
});
