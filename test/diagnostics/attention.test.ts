import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/settings.ts';
import { createAttention } from '../../src/diagnostics/attention.ts';
import { runInspection } from '../../src/diagnostics/inspection-thread.ts';
import type { Inspection } from '../../src/core/store.ts';
import { createFakeClock } from '../service/test-services.ts';
import { fillDomains, writeDomains } from '../support/domain-app.ts';
import { temporaryFolder } from '../support/test-app.ts';

const MINUTE_MS = 60_000;

const failed = (domain: string, cause: unknown) => assert.fail(`${domain}: ${String(cause)}`);

const configWith = (flags: Readonly<Record<string, string>>): Config =>
  loadConfig({ flags, environment: {} }).config;

/** What an admin of the first domain is shown of these texts, beside so many other domains. */
async function shownTo(config: Config, texts: readonly string[], others: number): Promise<string> {
  const domains = ['acme', 'beta'].slice(0, 1 + others);
  const configured = domains.map((name) => ({ name, hosts: [], isFallback: false, config }));
  const found = texts.map((message): Inspection => ({
    level: 'problem',
    subject: 'x',
    message,
    advice: message,
  }));
  const attention = createAttention(
    () => configured,
    createFakeClock(),
    failed,
    () => Promise.resolve(found),
  );
  attention.of('acme');
  await turn();
  return JSON.stringify(attention.of('acme').found);
}

describe('what needs attention', () => {
  const folder = '/srv/planted-place';
  const own = configWith({
    database: `sqlite:${folder}/acme.db`,
    asterisk: 'ami://callercard:planted-secret@pbx.planted.example:5038',
  });
  const dialer = configWith({
    database: 'mariadb://u:planted-secret@10.9.8.7,db:3307/asterisk',
    databasePasswordFile: `${folder}/password`,
    stateFile: 'planted-data/state.db',
  });
  const cases: readonly (readonly [Config, string])[] = [
    [own, `stop the server and restore ${folder}/acme.db from a backup`],
    [own, `${folder}/acme-audit cannot be used (EACCES: permission denied, access '${folder}/acme-audit')`],
    [own, `the folder ${folder} is full`],
    [own, "ENOENT: no such file or directory, open '/etc/planted-elsewhere/x y.json'"],
    [own, 'Asterisk at pbx.planted.example:5038: it does not answer'],
    [dialer, 'connect ECONNREFUSED 10.9.8.7:3306'],
    [dialer, '10.9.8.7 is down. db:3307, too, and db.'],
    [dialer, `no password in ${folder}/password, nor a table in planted-data/state.db`],
    [dialer, `${join(process.cwd(), 'planted-data/state.db')} is locked`],
  ];

  it('names no file, folder or server to the admins of one domain of several, and all to those of the only one', async () => {
    for (const [config, text] of cases) {
      assert.doesNotMatch(await shownTo(config, [text], 1), /planted|10\.9\.8\.7|\bdb\b/, text);
      assert.ok((await shownTo(config, [text], 0)).includes(text), text);
    }
  });

  it('is else said in the words of the check', async () => {
    const text = 'run mariadb-admin flush-hosts (docs/audit.md, "In PostgreSQL"); 1/2 of 3 leads: and/or';
    assert.ok((await shownTo(dialer, [text], 1)).includes(JSON.stringify(text).slice(1, -1)));
  });

  it('is found by the check itself without what belongs to the whole machine, where there are several domains', async () => {
    const place = temporaryFolder();
    const config = writeDomains(place, { acme: { hosts: ['a.example'] }, beta: { hosts: ['b.example'] } });
    await fillDomains(config);
    const [acme] = config.domains;
    assert.ok(acme !== undefined);
    const subjects = async (isAlone: boolean) =>
      (await runInspection({ config: { ...acme.config, host: '0.0.0.0' }, isAlone })).map(
        ({ subject }) => subject,
      );
    assert.ok((await subjects(true)).includes('host'));
    const ofOne = await subjects(false);
    for (const subject of ['host', 'file rights', 'disk', 'tls', 'metrics'])
      assert.ok(!ofOne.includes(subject), subject);
  });

  it('is not what was found before by other settings, or for another domain of the name', async () => {
    const clock = createFakeClock();
    let configured = [{ name: 'acme', hosts: [], isFallback: true, config: own }];
    const found: Inspection[] = [{ level: 'problem', subject: 'host', message: 'planted', advice: 'x' }];
    const attention = createAttention(
      () => configured,
      clock,
      failed,
      () => Promise.resolve(found.splice(0)),
    );
    attention.of('acme');
    await turn();
    assert.equal(attention.of('acme').found.length, 1);
    configured = [{ name: 'acme', hosts: [], isFallback: true, config: dialer }];
    assert.deepEqual(attention.of('acme').found, []);
    await turn();
    assert.deepEqual(attention.of('acme').found, []);
  });

  it('is not looked for anew within a minute, however often somebody wants it', async () => {
    const clock = createFakeClock();
    let runs = 0;
    const configured = [{ name: 'acme', hosts: [], isFallback: true, config: own }];
    const attention = createAttention(
      () => configured,
      clock,
      failed,
      () => {
        runs += 1;
        return Promise.resolve([]);
      },
    );
    for (let at = 0; at < 5; at += 1) {
      attention.of('acme', true);
      await turn();
    }
    assert.equal(runs, 1);
    clock.pass(MINUTE_MS);
    attention.of('acme', true);
    await turn();
    assert.equal(runs, 2);
    clock.pass(14 * MINUTE_MS);
    attention.of('acme');
    await turn();
    assert.equal(runs, 2);
    clock.pass(MINUTE_MS);
    attention.of('acme');
    await turn();
    assert.equal(runs, 3);
  });

  it('is that nothing is known where it cannot be looked for, and why is said once for each cause', async () => {
    const clock = createFakeClock();
    const configured = [{ name: 'acme', hosts: [], isFallback: true, config: own }];
    const causes: (string | undefined)[] = ['no thread', 'no thread', 'no memory', undefined, 'no memory'];
    const said: string[] = [];
    const attention = createAttention(
      () => configured,
      clock,
      (domain, cause) => said.push(`${domain}: ${(cause as Error).message}`),
      () => {
        const cause = causes.shift();
        return cause === undefined ? Promise.resolve([]) : Promise.reject(new Error(cause));
      },
    );
    const seen = [];
    while (causes.length > 0) {
      attention.of('acme', true);
      await turn();
      const { found } = attention.of('acme');
      seen.push(found.map(({ level }) => level).join());
      assert.doesNotMatch(JSON.stringify(found), /no thread|no memory/, 'no cause is shown');
      clock.pass(MINUTE_MS);
    }
    assert.deepEqual(seen, ['problem', 'problem', 'problem', '', 'problem']);
    assert.deepEqual(said, ['acme: no thread', 'acme: no memory', 'acme: no memory']);
  });
});
