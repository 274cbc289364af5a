import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';

import { runCallercard } from '../support/command.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { runSql } from '../support/run-sql.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { assertRefused } from './customers.ts';

let sound: string;
before(async () => {
  sound = join(await createFilledFolder(), 'data', 'callercard.db');
});

/** What may stand where the store should be, and what is said of it. */
const FILES = {
  'zero bytes': [(path: string) => writeFileSync(path, ''), / is empty \(0 bytes\)/],
  'a text': [(path: string) => writeFileSync(path, 'phone\n5587654321\n'), / is no callercard store/],
  'another program’s database': [
    (path: string) => runSql(path, 'CREATE TABLE leads (lead_id)'),
    / belongs to another program/,
  ],
  'a newer store': [
    (path: string) => {
      copyFileSync(sound, path);
      runSql(path, 'PRAGMA user_version = 99');
    },
    / was written by a newer callercard/,
  ],
  'a store that was cut short': [cutShort, / is damaged \(cut short\); restore it from a backup$/m],
} as const satisfies Readonly<Record<string, readonly [make: (path: string) => void, says: RegExp]>>;

function cutShort(path: string): void {
  copyFileSync(sound, path);
  truncateSync(path, Math.floor(statSync(sound).size / 2));
}

/** A folder with this file where the command looks for its store. */
function folderWith(make: (path: string) => void, name = 'callercard.db'): string {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'data'));
  make(join(cwd, 'data', name));
  writeFileSync(join(cwd, 'leads.csv'), 'phone\n5587654321\n');
  return cwd;
}

/** Every file beside the store with its bytes. */
function bytesOf(cwd: string): readonly (readonly [string, string])[] {
  const folder = join(cwd, 'data');
  return readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]);
}

describe('a file that cannot be the store', () => {
  for (const [what, [make, says]] of Object.entries(FILES)) {
    it(`40: ${what}: serve says so in one line, ends with code 1 and leaves it to the byte`, async () => {
      const cwd = folderWith(make);
      const untouched = bytesOf(cwd);
      assertRefused(await runCallercard(['serve', '--port', '0'], { cwd }), 1, says);
      assert.deepEqual(bytesOf(cwd), untouched);
    });
  }

  it('40: every other command says so, too, and leaves it to the byte', async () => {
    const cwd = folderWith(cutShort);
    const untouched = bytesOf(cwd);
    for (const args of [
      ['lookup', '--lead', '1'],
      ['import', 'leads.csv', '--list', '1'],
      ['serve', '--port', '0', '--workers', '2'],
      ['export'],
      ['user', 'list'],
      ['user', 'add', 'crm'],
    ]) {
      const ran = await runCallercard(args, { cwd, input: 'a long password\n' });
      assertRefused(ran, 1, / is damaged \(cut short\); restore it from a backup$/m);
      assert.deepEqual(bytesOf(cwd), untouched, args.join(' '));
    }
    const { code, stderr } = await runCallercard(['check'], { cwd });
    assert.match(stderr, /^callercard: .+ is damaged \(cut short\); restore it from a backup\n$/);
    assert.deepEqual([code, bytesOf(cwd)], [1, untouched]);
  });

  it('40: it is no state file either, in which failed logins of a dialer would be counted', async () => {
    for (const [make, says] of [FILES['zero bytes'], FILES['a store that was cut short']]) {
      const cwd = folderWith(make, 'callercard-state.db');
      const untouched = bytesOf(cwd);
      const env = {
        CALLERCARD_DATABASE: 'mariadb://reader:a-password@127.0.0.1:9/asterisk',
        CALLERCARD_STATE_FILE: join('data', 'callercard-state.db'),
      };
      assertRefused(await runCallercard(['serve', '--port', '0'], { cwd, env }), 1, says);
      assert.deepEqual(bytesOf(cwd), untouched);
    }
  });
});
