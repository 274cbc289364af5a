import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { basic } from '../support/authorization.ts';
import { runCallercard, startCallercard, stopServer, type RunningServer } from '../support/command.ts';
import { send } from '../support/test-app.ts';
import { wordsOf } from '../support/until.ts';
import { askDocumented, postJson, type User } from './ask.ts';
import { copyFixture, PASSWORDS, readFixture } from './fixture-0.1.ts';

/** @param words what was said for people: `walkLimit` is the former name of `enumerationLimit` */
function assertWarning(words: string): void {
  for (const name of [
    /walkLimit|WALK_LIMIT|walk-limit/,
    /enumerationLimit|ENUMERATION_LIMIT|enumeration-limit/,
  ])
    assert.match(words, name);
}

const ANA: User = ['ana', PASSWORDS.ana];

interface Shown {
  readonly name: string;
  readonly value: string;
  readonly source: string;
}

/** The settings by name, and what was said beside. */
async function settingsOf(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await runCallercard(['settings', '--json', ...args], { cwd, env });
  assert.equal(code, 0, stderr);
  const shown = JSON.parse(stdout) as readonly Shown[];
  return { settings: new Map(shown.map((setting) => [setting.name, setting])), stderr };
}

/** So many ids in a row are granted before the limit counts: a hundred go unnoticed, then a hundred seconds' worth. */
const grantedAt = (limit: number) => 100 + 100 * limit;

/** How many of so many lead ids in a row are not refused. */
async function countGranted(url: string, ids: number, headers: Readonly<Record<string, string>>) {
  const items = Array.from({ length: ids }, (_, at) => ({ lead_id: 5_000 + at }));
  const { status, text } = await postJson(
    url,
    '/v1/leads/lookup',
    { items },
    { ...basic(...ANA), ...headers },
  );
  assert.equal(status, 200, text);
  const { results } = JSON.parse(text) as { results: readonly { problem?: { code: string } }[] };
  const codes = results.map(({ problem }) => problem?.code);
  assert.equal(codes.length, ids);
  return codes.filter((code) => code !== 'rate_limited').length;
}

/** @param granted a slow machine earns a few more while it answers */
function assertLimit(granted: number, limit: number): void {
  const least = grantedAt(limit);
  assert.ok(granted >= least && granted < least + 50, `${granted} ids were granted at ${limit} a second`);
}

describe('a configuration of version 0.1', () => {
  const cwd = copyFixture();
  const CONFIG = ['--config', 'config.json'] as const;
  const written = JSON.parse(readFixture('config.json')) as Readonly<Record<string, unknown>>;

  it('has every setting its value from the file', async () => {
    const { settings, stderr } = await settingsOf(cwd, CONFIG);
    for (const [name, value] of Object.entries(written)) {
      const shown = settings.get(name === 'walkLimit' ? 'enumerationLimit' : name);
      assert.deepEqual([shown?.value, shown?.source], [String(value), 'file config.json'], name);
    }
    assertWarning(stderr);
  });

  it('is read from flag and environment under the same names', async () => {
    const flag = await settingsOf(cwd, ['--walk-limit', '3']);
    assert.equal(flag.settings.get('enumerationLimit')?.value, '3');
    assertWarning(flag.stderr);
    const variable = await settingsOf(cwd, [], { CALLERCARD_WALK_LIMIT: '4' });
    assert.equal(variable.settings.get('enumerationLimit')?.value, '4');
    assertWarning(variable.stderr);
  });

  it('is no problem for check, once a server has brought its store up to date', async () => {
    await stopServer(await startCallercard(['serve', ...CONFIG], { cwd }));
    const { code, stdout, stderr } = await runCallercard(['check', ...CONFIG], { cwd });
    assert.equal(code, 0, stdout);
    assert.doesNotMatch(stdout, /^PROBLEM/m);
    assertWarning(stderr);
  });
});

describe('a server with a configuration of version 0.1', () => {
  const cwd = copyFixture();
  let server: RunningServer;
  before(async () => {
    server = await startCallercard(['serve', '--config', 'config.json'], { cwd });
  });
  after(() => stopServer(server));

  it('does as it says: numbers in address3, no password in a URL, origins, proxies', async () => {
    const headers = { origin: 'https://crm.example.com', 'x-forwarded-for': '198.51.100.7' };
    const answer = await askDocumented(server.url, ANA, { phone_number: '55 7000 0000' }, headers);
    assert.match(answer.text, /"lead_id":9,/);
    assert.equal(answer.headers['callercard-phone-match'], 'address3');
    assert.equal(answer.headers['access-control-allow-origin'], headers.origin);
    const query = new URLSearchParams({
      goAction: 'goGetCustomerInfo',
      goUser: 'ana',
      goPass: 'x',
      lead_id: '1',
    });
    const inUrl = await send(server.url, `/goAPIv2/goAgent/goAPI.php?${query.toString()}&responsetype=json`);
    assert.equal(inUrl.status, 400);
    const search = ['audit', 'search', '--lead', '9', '--limit', '1', '--json', '--config', 'config.json'];
    assert.match((await runCallercard(search, { cwd })).stdout, /"address":"198\.51\.100\.7"/);
  });

  it('refuses lead ids that are asked for in a row, beyond walkLimit', async () => {
    assertLimit(await countGranted(server.url, 400, {}), 1);
    assertWarning(wordsOf(server));
  });
});

describe('a server with the domains of version 0.1', () => {
  const cwd = copyFixture();
  let server: RunningServer;
  before(async () => {
    for (const name of ['north.db', 'south.db']) copyFileSync(join(cwd, 'store.db'), join(cwd, name));
    server = await startCallercard(['serve', '--config', 'domains.json'], { cwd });
  });
  after(() => stopServer(server));

  it('answers for each host, and has the limits of each domain', async () => {
    assertLimit(await countGranted(server.url, 400, { host: 'norte.example' }), 1);
    assertLimit(await countGranted(server.url, 500, { host: 'south.example' }), 2);
    const other = await askDocumented(server.url, ANA, { lead_id: '1' }, { host: 'elsewhere.example' });
    assert.match(other.text, /"first_name":"Ana"/);
    assertWarning(wordsOf(server));
  });

  it('shows what each domain has of its own, and what from the rest of the file', async () => {
    const { settings, stderr } = await settingsOf(cwd, ['--config', 'domains.json']);
    for (const [name, value] of [
      ['domains.north.hosts', 'north.example, norte.example'],
      ['domains.south.fallback', 'true'],
      ['domains.south.audit', 'audit-of-south'],
      ['domains.south.rateLimit', '400'],
      ['domains.north.enumerationLimit', '1'],
      ['domains.south.enumerationLimit', '2'],
    ] as const)
      assert.equal(settings.get(name)?.value, value, name);
    assertWarning(stderr);
  });
});
