import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { runCallercard } from '../../test/support/command.ts';
import { runSql } from '../../test/support/run-sql.ts';
import { temporaryFolder } from '../../test/support/test-app.ts';
import type { Breaches } from './chaos.ts';
import { folderBytes } from './folder-bytes.ts';
import type { SoundStore } from './sound-store.ts';

/** What stands where the store should be, and what is said of it. */
export const STORE_KINDS: readonly (readonly [
  name: string,
  says: RegExp,
  make: (path: string, sound: SoundStore) => void,
])[] = [
  ['zero bytes', /is empty \(0 bytes\)/, (path) => writeFileSync(path, '')],
  ['missing', /there is no store at/, () => undefined],
  ['a folder', /is not a file/, (path) => mkdirSync(path)],
  ['a text', /is no callercard store/, (path) => writeFileSync(path, 'phone_number\n5587654321\n')],
  ['cut in two', /is damaged/, (path, { bytes }) => writeFileSync(path, bytes.subarray(0, bytes.length / 2))],
  [
    'of another program',
    /belongs to another program/,
    (path) => runSql(path, 'CREATE TABLE leads (lead_id)'),
  ],
  [
    'of a newer version',
    /written by a newer callercard \(schema 99/,
    (path, { bytes }) => {
      writeFileSync(path, bytes);
      runSql(path, 'PRAGMA journal_mode = DELETE; PRAGMA user_version = 99; PRAGMA journal_mode = WAL');
    },
  ],
  [
    'with a page of noise',
    /is damaged/,
    (path, { bytes }) =>
      writeFileSync(path, Buffer.concat([bytes.subarray(0, -8_192), Buffer.alloc(8_192, 0xaa)])),
  ],
];

/** How many kinds `callercard serve` refuses in one clear line with code 1, the file as it was. */
export async function refuseKinds(
  sound: SoundStore,
  { unclear, touched }: { readonly unclear: Breaches; readonly touched: Breaches },
): Promise<number> {
  async function refuse([name, says, make]: (typeof STORE_KINDS)[number]): Promise<boolean> {
    const cwd = temporaryFolder();
    const data = join(cwd, 'data');
    mkdirSync(data);
    make(join(data, 'callercard.db'), sound);
    const before = folderBytes(data);
    const { code, stdout, stderr } = await runCallercard(['serve', '--port', '0'], { cwd });
    if (folderBytes(data) !== before) touched.add(name);
    const isClear = /^callercard: [^\n]+\n$/.test(stderr) && says.test(stderr);
    if (code === 1 && stdout === '' && isClear) return true;
    unclear.add(`${name}: code ${String(code)}: ${stderr}`);
    return false;
  }
  const half = STORE_KINDS.length / 2;
  const refused = [
    ...(await Promise.all(STORE_KINDS.slice(0, half).map(refuse))),
    ...(await Promise.all(STORE_KINDS.slice(half).map(refuse))),
  ];
  return refused.filter(Boolean).length;
}
