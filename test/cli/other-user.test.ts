import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { runCallercard } from '../support/command.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { assertRefused } from './customers.ts';

/** Debian's `nobody`. */
const NOBODY = 65_534;
const notRoot = process.getuid?.() !== 0 && 'only root may run commands as another user';

const OF_STORES: readonly (readonly string[])[] = [
  ['lookup', '--lead', '1'],
  ['export'],
  ['import', 'a.csv', '--list', '1'],
  ['serve', '--port', '0'],
  ['user', 'list'],
  ['user', 'add', 'ana', '--password-stdin'],
  ['user', 'set', 'ana', '--rights', 'none'],
  ['user', 'remove', 'ana'],
  ['token', 'list'],
  ['token', 'create', 'crm'],
  ['token', 'revoke', 'crm'],
];
const OF_AUDITS: readonly (readonly string[])[] = [
  ['audit', 'verify'],
  ['audit', 'search'],
];

const DIALER = {
  CALLERCARD_DATABASE: 'mariadb://reader:a-password@127.0.0.1:9/asterisk',
  CALLERCARD_STATE_FILE: join('data', 'callercard-state.db'),
};

describe('a command that another user than the service’s runs', { skip: notRoot }, () => {
  async function filled(): Promise<string> {
    const cwd = await createFilledFolder();
    assert.equal((await runCallercard(['lookup', '--lead', '1'], { cwd })).code, 0);
    writeFileSync(join(cwd, 'a.csv'), 'phone\n5512345678\n');
    chmodSync(cwd, 0o755);
    return cwd;
  }
  const run = (cwd: string, args: readonly string[], env = {}) =>
    runCallercard(args, { cwd, env, uid: NOBODY, input: 'a long password\n' });

  it('58: says in one line which store it may not read, and who may', async () => {
    const cwd = await filled();
    chmodSync(join(cwd, 'data'), 0o700);
    for (const args of OF_STORES) {
      const says =
        /^callercard: data\/callercard\.db may not be read and written by this user \(EACCES: [^\n]+\); run this as the user of the service, [^\n]+\n$/;
      assertRefused(await run(cwd, args), 1, says);
    }
  });

  it('58: says so of a store that it may read alone, which is not damaged', async () => {
    const cwd = await filled();
    chmodSync(join(cwd, 'data'), 0o755);
    chmodSync(join(cwd, 'data', 'callercard.db'), 0o644);
    for (const args of OF_STORES) {
      const says =
        /^callercard: data\/callercard\.db (?:may not be read and written|cannot be written|cannot be used: this user may not write)[^\n]+\n$/;
      assertRefused(await run(cwd, args), 1, says);
    }
  });

  it('58: says so of a file to import, and how to give it', async () => {
    const cwd = temporaryFolder();
    chmodSync(cwd, 0o755);
    writeFileSync(join(cwd, 'customers.csv'), 'phone\n5512345678\n', { mode: 0o600 });
    const says =
      /^callercard: customers\.csv in \/[^\n]+ may not be read by this user; give it by standard input: import - < FILE\n$/;
    assertRefused(await run(cwd, ['import', 'customers.csv', '--list', '1']), 1, says);
  });

  it('58: says so of a state file', async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'data'), { mode: 0o700 });
    chmodSync(cwd, 0o755);
    for (const args of [
      ['lookup', '--lead', '1'],
      ['user', 'list'],
      ['token', 'list'],
    ]) {
      const says =
        /^callercard: data\/callercard-state\.db may not be read and written by this user [^\n]+\n$/;
      assertRefused(await run(cwd, args, DIALER), 1, says);
    }
  });

  it('58: says so of an audit, whose folder or the one above is closed', async () => {
    const cwd = await filled();
    for (const [mode, closed] of [
      [0o700, 'data'],
      [0o755, 'data/callercard-audit'],
    ] as const) {
      chmodSync(join(cwd, 'data'), mode);
      for (const args of OF_AUDITS) {
        const { code, stderr } = await run(cwd, args);
        assert.match(
          stderr,
          /^callercard: the audit in data\/callercard-audit cannot be read \(EACCES: [^\n]+\); run this as the user of the service\n$/,
          closed,
        );
        assert.equal(code, 1);
      }
    }
  });

  it('58: checks the rest, and ends with 3', async () => {
    const cwd = await filled();
    const check = async () => {
      const { code, stdout, stderr } = await run(cwd, ['check', '--json']);
      assert.deepEqual([code, stderr], [3, '']);
      const { found } = JSON.parse(stdout) as {
        found: readonly { level: string; subject: string; message: string }[];
      };
      return found
        .filter(({ level }) => level === 'problem')
        .map((each) => `${each.subject}: ${each.message}`);
    };
    chmodSync(join(cwd, 'data'), 0o700);
    const [rights = '', audit = '', store = '', ...more] = await check();
    assert.match(
      rights,
      /^file rights: data\/callercard\.db, .*data\/callercard-audit: this user may not look/,
    );
    assert.match(audit, /^audit: data\/callercard-audit cannot be used \(EACCES/);
    assert.match(store, /^store: data\/callercard\.db may not be read and written by this user/);
    assert.deepEqual(more, []);
    // The audit alone is closed: what comes after it is looked at.
    chmodSync(join(cwd, 'data'), 0o777);
    for (const name of readdirSync(join(cwd, 'data')).filter((each) => each.startsWith('callercard.db')))
      chmodSync(join(cwd, 'data', name), 0o666);
    const found = await check();
    assert.ok(
      found.some((each) => each.startsWith('file rights: data/callercard-audit: this user may not look')),
    );
    assert.ok(found.some((each) => each.startsWith('file rights: data/callercard.db (mode 666)')));
    assert.ok(!found.some((each) => each.startsWith('store: data/callercard.db may not')));
  });
});
