import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { type Setting, SETTING_NAMES, SETTINGS, flagName } from '../../src/config/settings.ts';
import { runCallercard } from '../support/command.ts';
import { temporaryFolder } from '../support/test-app.ts';

/** A value with a secret of each setting that may hold one. */
const SECRETS: Readonly<Record<string, string>> = {
  database: 'mariadb://reader:a-long-password@127.0.0.1:9/asterisk',
  databaseDirect: 'postgres://owner:a-long-password@127.0.0.1:9/calls',
  goautodialDatabase: 'mariadb://reader:a-long-password@127.0.0.1:9/goautodial',
  asterisk: 'ami://callercard:a-long-secret@127.0.0.1:9',
  redis: 'redis://:a-long-password@127.0.0.1:9',
  metricsToken: 'a-long-token-of-metrics',
};

describe('a secret in a flag', () => {
  const settings = (args: readonly string[], env = {}, cwd = temporaryFolder()) =>
    runCallercard(['settings', ...args], { cwd, env });

  it('26: is called out, whichever setting it is, with what to use instead', async () => {
    const masked = SETTING_NAMES.filter((name) => (SETTINGS[name] as Setting<unknown>).show !== undefined);
    assert.deepEqual(masked.toSorted(), Object.keys(SECRETS).sort());
    for (const name of masked) {
      const { code, stderr } = await settings([flagName(name), SECRETS[name] ?? '']);
      const says = `^callercard: ${flagName(name)} shows a secret to every user of this machine, in the process list; [^\\n]+ instead\\n$`;
      assert.match(stderr, new RegExp(says));
      assert.doesNotMatch(stderr, /a-long/);
      assert.equal(code, 0);
    }
    assert.match(
      (await settings(['--metrics-token', SECRETS.metricsToken ?? ''])).stderr,
      /metricsTokenFile/,
    );
    assert.match((await settings(['--database', SECRETS.database ?? ''])).stderr, /databasePasswordFile/);
  });

  it('26: is nothing to say where no secret is in a flag', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'config.json'), JSON.stringify(SECRETS));
    for (const [args, env] of [
      [['--database', 'sqlite:a.db', '--metrics-token-file', 'token'], {}],
      [[], { CALLERCARD_METRICS_TOKEN: SECRETS.metricsToken }],
      [['--config', 'config.json'], {}],
    ] as const)
      assert.equal((await settings(args, env, cwd)).stderr, '');
  });
});
