import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';

import { runCallercard } from '../support/command.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { assertRefused } from './customers.ts';

const SECRET = /^cc_[\w-]{43}$/;

describe('callercard token', () => {
  it('prints a secret once, lists tokens without it, and revokes them', async () => {
    const cwd = await createFilledFolder();
    const run = (...args: readonly string[]) => runCallercard(['token', ...args], { cwd });
    const made = await run(
      'create',
      'crm',
      '--scope',
      'calls,read',
      '--lists',
      '101,102',
      '--expires',
      '90d',
    );
    assert.equal(made.code, 0, made.stderr);
    const secret = made.stdout.trim();
    assert.match(secret, SECRET);
    assert.match(
      made.stderr,
      /^made token crm, good until 20\d\d-\d\d-\d\d; its secret is not shown again\n$/,
    );
    const listed = await run('list');
    assert.match(listed.stdout, /^crm +read,calls +101, 102 +good +20\d\d-.*Z +…/m);
    assert.ok(listed.stdout.includes(secret.slice(-4)) && !listed.stdout.includes(secret.slice(0, -4)));
    const json = await run('create', 'pbx', '--scope', 'caller-id', '--json');
    const { secret: other, ...about } = JSON.parse(json.stdout) as Record<string, unknown>;
    assert.match(String(other), SECRET);
    assert.equal(about.scope, 'caller-id');
    assert.equal(about.lists, 'every list');
    const years = (Date.parse(String(about.expires)) - Date.now()) / (365 * 24 * 60 * 60 * 1000);
    assert.ok(years > 0.99 && years <= 1, String(years));
    assert.equal((await run('revoke', 'crm')).code, 0);
    const entries = JSON.parse((await run('list', '--json')).stdout) as { name: string; state: string }[];
    assert.deepEqual(
      entries.map(({ name, state }) => `${name} ${state}`),
      ['crm revoked', 'pbx good'],
    );
  });

  it('is warned of by check when one ends soon, and not before or after it is revoked', async () => {
    const cwd = await createFilledFolder();
    const check = async () => (await runCallercard(['check'], { cwd })).stdout;
    for (const args of [
      ['soon', '--expires', '29d'],
      ['later', '--expires', '31d'],
    ] as const)
      assert.equal((await runCallercard(['token', 'create', ...args], { cwd })).code, 0);
    const output = await check();
    assert.match(output, /tokens: the token soon ends on 20\d\d-\d\d-\d\d\n +-> make another one with/);
    assert.ok(!output.includes('later'), output);
    assert.equal((await runCallercard(['token', 'revoke', 'soon'], { cwd })).code, 0);
    assert.ok(!(await check()).includes('tokens:'));
  });

  it('refuses what it cannot take, and says what it takes', async () => {
    const cwd = await createFilledFolder();
    const refused = async (args: readonly string[], code: 1 | 2, words: RegExp) =>
      assertRefused(await runCallercard(['token', ...args], { cwd }), code, words);
    await refused(['create', 'a b'], 2, /a token has a name of 1 to 64 letters/);
    await refused(['create', 'a', '--expires', '2027-02-31'], 2, /--expires takes days from now/);
    await refused(['create', 'a', '--expires', '0d'], 2, /--expires takes days from now/);
    await refused(['create', 'a', '--expires', '2020-01-01'], 2, /--expires takes days from now/);
    await refused(
      ['create', 'a', '--scope', 'all'],
      2,
      /--scope takes read, edit, calls, separated by commas, or caller-id alone; not "all"/,
    );
    await refused(['create', 'a', '--lists', '0'], 2, /--lists takes list ids/);
    await refused(['revoke', 'nobody'], 1, /there is no token nobody; "callercard token list" shows them/);
    assert.equal((await runCallercard(['token', 'create', 'a'], { cwd })).code, 0);
    await refused(['create', 'a'], 1, /there is or was a token a/);
  });

  it('keeps the tokens of a dialer in the state file, without asking the dialer', async () => {
    const cwd = await createFilledFolder();
    const env = { CALLERCARD_DATABASE: 'mariadb://callercard:p4ss-of-dialer@127.0.0.1:9/asterisk' };
    const made = await runCallercard(['token', 'create', 'crm', '--state-file', 'state.db'], {
      cwd,
      env,
    });
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout.trim(), SECRET);
    assert.ok(existsSync(join(cwd, 'state.db')));
    const list = async (file: string) =>
      (await runCallercard(['token', 'list', '--state-file', file], { cwd, env })).stdout;
    assert.match(await list('state.db'), /^crm +read +every list +good/m);
    // Of another machine: its own, or a copy (docs/operations.md, Many instances).
    const state = new DatabaseSync(join(cwd, 'state.db'));
    await backup(state, join(cwd, 'copy.db'));
    state.close();
    assert.equal(await list('copy.db'), await list('state.db'));
    assert.match(await list('other.db'), /^no tokens; "callercard token create NAME" makes one$/m);
  });
});
