import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';

import { runCallercard } from '../support/command.ts';
import { createFilledFolder } from '../support/filled-folder.ts';

const PASSWORD = 'a password of this test';

describe('the telephone of a user', () => {
  let cwd: string;
  before(async () => {
    cwd = await createFilledFolder();
  });

  const run = (args: readonly string[], input?: string) =>
    runCallercard(['user', ...args], { cwd, ...(input === undefined ? {} : { input }) });

  it('is given, shown, refused to a second user, and taken away', async () => {
    const added = await run(['add', 'Eva', '--extension', '1001', '--password-stdin'], PASSWORD);
    assert.deepEqual([added.code, added.stderr], [0, 'added user Eva\n']);
    for (const args of [
      ['add', 'luis', '--extension', '1001', '--password-stdin'],
      ['set', 'crm', '--extension', '1001'],
    ]) {
      const { code, stderr } = await run(args, PASSWORD);
      assert.notEqual(code, 0);
      assert.match(stderr, /the user Eva has this extension; take it away first: .*set Eva --extension ''/);
    }
    const again = await run(['set', 'eva', '--extension', '1001']);
    assert.equal(again.stderr, 'set user Eva: rights card,read; lists every list; extension 1001\n');
    assert.match((await run(['list'])).stdout, /^user +active +rights +lists +locked +extension *\n/);
    assert.match((await run(['list'])).stdout, /^Eva .* no +1001 *$/m);
    const listed = JSON.parse((await run(['list', '--json'])).stdout) as readonly object[];
    assert.deepEqual(
      listed.filter((user) => 'extension' in user).map((user) => ({ ...user, rights: [], lists: [] })),
      [
        {
          name: 'Eva',
          active: true,
          mayUseApi: true,
          rights: [],
          lists: [],
          locked: false,
          extension: '1001',
        },
      ],
    );
    const away = await run(['set', 'Eva', '--extension', '']);
    assert.equal(away.stderr, 'set user Eva: rights card,read; lists every list; extension none\n');
    assert.doesNotMatch((await run(['list'])).stdout, /extension/);
    assert.equal((await run(['set', 'crm', '--extension', '1001'])).code, 0);
  });

  it('is recorded with what it was before', () => {
    const folder = join(cwd, 'data', 'callercard-audit');
    const records = readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
      .map(
        (line) => JSON.parse(line) as Readonly<Record<string, { readonly extension?: string } | undefined>>,
      )
      .filter(({ before, after }) => before?.extension !== undefined || after?.extension !== undefined)
      .map(({ before, after }) => [before?.extension, after?.extension]);
    assert.deepEqual(records, [
      [undefined, '1001'],
      ['1001', '1001'],
      ['1001', ''],
      [undefined, '1001'],
    ]);
  });

  it('has neither spaces nor commas', async () => {
    for (const extension of ['10 01', '1001,1002', '1=2', 'x'.repeat(65), '\u001b[31m']) {
      const { code, stderr } = await run(['set', 'crm', '--extension', extension]);
      assert.equal(code, 2, extension);
      assert.match(stderr, /--extension takes 1 to 64 characters/);
    }
  });
});
