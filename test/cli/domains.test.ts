import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';

import { runCallercard, type Ran } from '../support/command.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { assertRefused } from './customers.ts';

const CONFIG = ['--config', 'config.json'];

describe('commands where the config file names several domains', () => {
  const cwd = temporaryFolder();
  const run = (...args: readonly string[]): Promise<Ran> => runCallercard([...args, ...CONFIG], { cwd });
  const runWith = (input: string, ...args: readonly string[]): Promise<Ran> =>
    runCallercard([...args, ...CONFIG], { cwd, input });

  before(async () => {
    const domains = {
      acme: { hosts: ['acme.example'], database: 'sqlite:stores/acme.db' },
      beta: { hosts: ['beta.example'], database: 'sqlite:stores/beta.db', defaultCountry: 'ES' },
    };
    writeFileSync(join(cwd, 'config.json'), JSON.stringify({ domains }));
    writeFileSync(join(cwd, 'acme.csv'), 'telefono,nombre\n5512345678,Ana\n');
    writeFileSync(join(cwd, 'beta.csv'), 'telefono,nombre\n612345678,Blas\n');
    for (const domain of ['acme', 'beta']) {
      const { code, stderr } = await run('import', `${domain}.csv`, '--list', '1', '--domain', domain);
      assert.equal(code, 0, stderr);
      await runWith(
        'a good password',
        'user',
        'add',
        `crm-${domain}`,
        '--password-stdin',
        '--domain',
        domain,
      );
    }
  });

  it('work on the one that is named', async () => {
    const acme = await run('lookup', '--phone', '55 1234 5678', '--domain', 'acme');
    assert.match(acme.stdout, /^first_name +Ana$/m);
    const beta = await run('lookup', '--phone', '+34 612 345 678', '--domain', 'beta');
    assert.match(beta.stdout, /^first_name +Blas$/m);
    assertRefused(
      await run('lookup', '--phone', '5512345678', '--domain', 'beta'),
      3,
      /No lead has the number/,
    );
    assert.match((await run('export', '--domain', 'beta')).stdout, /Blas/);
    assert.match((await run('user', 'list', '--domain', 'acme')).stdout, /^crm-acme /m);
    assert.match(
      (await run('user', 'disable', 'crm-beta', '--domain', 'beta')).stderr,
      /disabled user crm-beta/,
    );
    assertRefused(
      await run('user', 'enable', 'crm-beta', '--domain', 'acme'),
      1,
      /there is no user crm-beta/,
    );
    assert.equal((await run('user', 'enable', 'crm-beta', '--domain', 'beta')).code, 0);
  });

  it('ask for the domain, by name, when none is named or one that there is not', async () => {
    for (const command of [
      ['import', 'acme.csv', '--list', '1'],
      ['export'],
      ['lookup', '--lead', '1'],
      ['user', 'list'],
      ['user', 'add', 'x'],
      ['user', 'password', 'x'],
      ['user', 'enable', 'x'],
    ]) {
      assertRefused(
        await run(...command),
        2,
        /^callercard: say with --domain which one is meant: acme, beta\n$/,
      );
    }
    assertRefused(
      await run('export', '--domain', 'Acme'),
      2,
      /^callercard: there is no domain "Acme"; there are acme, beta\n$/,
    );
    assertRefused(
      await run('check', '--domain', 'gamma'),
      2,
      /there is no domain "gamma"; there are acme, beta/,
    );
  });

  it('do not write over the store of another domain', async () => {
    const args = ['export', 'stores/acme.db', '--force', '--domain', 'beta'];
    assertRefused(await run(...args), 2, /stores\/acme\.db is the store itself; name another file/);
  });

  it('are refused a database by flag', async () => {
    assertRefused(
      await run('export', '--domain', 'acme', '--database', 'sqlite:x.db'),
      2,
      /^callercard: database \(flag --database\) belongs into each domain/,
    );
    assert.equal(existsSync(join(cwd, 'x.db')), false);
  });

  it('that check look at all of them, or at the one that is named, and say which', async () => {
    const all = await run('check');
    assert.deepEqual({ code: all.code, stderr: all.stderr }, { code: 0, stderr: '' });
    assert.match(all.stdout, /^ok {6}acme: /m);
    assert.match(all.stdout, /^ok {6}beta: /m);
    const one = await run('check', '--domain', 'beta', '--json');
    const { found } = JSON.parse(one.stdout) as { found: readonly { domain?: string; subject: string }[] };
    assert.deepEqual(new Set(found.map(({ domain }) => domain)), new Set([undefined, 'beta']));
  });

  it('that check go on after a domain that cannot be used', async () => {
    const domains = {
      broken: { hosts: ['broken.example'], database: 'sqlite:nowhere.db' },
      acme: { hosts: ['acme.example'], database: 'sqlite:stores/acme.db' },
    };
    writeFileSync(join(cwd, 'broken.json'), JSON.stringify({ domains }));
    const { code, stdout } = await runCallercard(['check', '--config', 'broken.json'], { cwd });
    assert.equal(code, 3);
    assert.match(stdout, /^PROBLEM broken: store: there is no store at nowhere\.db/m);
    assert.match(stdout, /^ok {6}acme: /m);
  });

  it('that show settings show those of each', async () => {
    const { code, stdout } = await run('settings');
    assert.equal(code, 0);
    assert.match(stdout, /^domains\.acme\.hosts +acme\.example +file config\.json$/m);
    assert.match(stdout, /^domains\.beta\.defaultCountry +ES +file config\.json$/m);
    assert.doesNotMatch(stdout, /^database /m);
  });

  it('that run a demo need none', async () => {
    const ran = await runCallercard(['demo', '--host', '192.0.2.1', ...CONFIG], { cwd });
    assertRefused(ran, 2, /listens on this machine only/);
  });
});

describe('commands where there are no domains, or one', () => {
  it('say so when one is named', async () => {
    const cwd = temporaryFolder();
    for (const command of [['export'], ['check'], ['user', 'list'], ['lookup', '--lead', '1']]) {
      const ran = await runCallercard([...command, '--domain', 'acme'], { cwd });
      assertRefused(ran, 2, /^callercard: there are no domains here; leave --domain out/);
    }
  });

  it('work on the only one without --domain', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'config.json'), '{"domains":{"acme":{"database":"sqlite:acme.db"}}}');
    writeFileSync(join(cwd, 'acme.csv'), 'telefono,nombre\n5512345678,Ana\n');
    const imported = await runCallercard(['import', 'acme.csv', '--list', '1', ...CONFIG], { cwd });
    assert.equal(imported.code, 0, imported.stderr);
    assert.ok(existsSync(join(cwd, 'acme.db')));
  });
});
