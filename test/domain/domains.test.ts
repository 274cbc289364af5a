import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import { DOMAIN_LIMITS } from '../../src/domain/domains.ts';
import { MAX_FAILURES } from '../../src/auth/lockout.ts';
import { fillDomains, writeDomains, type DomainsWritten } from '../support/domain-app.ts';
import { findFreePort } from '../support/free-port.ts';
import { openFilesBelow, skipWithoutOpenFiles } from '../support/open-files.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { until } from '../support/until.ts';
import { openDomainFixture, type DomainFixture } from './domain-fixture.ts';

const open: DomainFixture[] = [];
after(() => Promise.all(open.map(({ domains }) => domains.close())));

type Limits = Parameters<typeof openDomainFixture>[1];

/** Domains with these names, filled; the host of each is its name. */
async function openFixture(names: readonly string[], limits: Limits = {}, said: DomainsWritten = {}) {
  const folder = temporaryFolder();
  const write = (others: DomainsWritten = {}, of = names) =>
    writeDomains(
      folder,
      Object.fromEntries(of.map((name) => [name, { hosts: [name], ...said[name], ...others[name] }])),
    );
  const config = write();
  await fillDomains(config, 3);
  const fixture = openDomainFixture(config, limits);
  open.push(fixture);
  /** Of which domains a file is open. */
  const openStores = () =>
    names.filter((name) => openFilesBelow(join(folder, `${name}.db`)).length > 0).join(' ');
  return { ...fixture, folder, write, openStores, pathOf: (name: string) => join(folder, `${name}.db`) };
}

describe('the store of a domain', { skip: skipWithoutOpenFiles }, () => {
  it('is opened when somebody asks, and closed when nobody has for a while', async () => {
    const { ask, clock, openStores } = await openFixture(['a', 'b']);
    assert.equal(openStores(), '');
    assert.equal(await ask('a'), 1);
    assert.equal(openStores(), 'a');
    clock.pass(DOMAIN_LIMITS.idleMs - 1);
    assert.equal(await ask('b'), 1);
    assert.equal(openStores(), 'a b');
    clock.pass(2);
    await until('b alone', () => openStores() === 'b');
    assert.equal(await ask('a'), 1);
  });

  it('leaves no file open beyond the limit where it cannot be opened, its audit neither', async () => {
    const names = Array.from({ length: 12 }, (_, at) => `d${at}`);
    const folder = temporaryFolder();
    const config = writeDomains(folder, Object.fromEntries(names.map((name) => [name, { hosts: [name] }])));
    for (const name of names) writeFileSync(join(folder, `${name}.db`), 'no store');
    const fixture = openDomainFixture(config, { openStores: 3 });
    open.push(fixture);
    for (const name of names) assert.equal(await fixture.ask(name), 'store_unavailable');
    // Of each the file of its audit, and the lock.
    await until('closed files', () => openFilesBelow(folder).length <= 3 * 2);
  });

  it('is closed for another one beyond the limit, the longest idle first', async () => {
    const { ask, clock, openStores } = await openFixture(['a', 'b', 'c', 'd'], { openStores: 2 });
    for (const name of ['a', 'b', 'a', 'c']) {
      clock.pass(1);
      await ask(name);
    }
    assert.equal(openStores(), 'a c');
    clock.pass(1);
    await ask('d');
    assert.equal(openStores(), 'c d');
  });

  it('stays open while it is asked: then one more is opened, and closed when it can be', async () => {
    const { ask, clock, openStores } = await openFixture(['a', 'b', 'c'], { openStores: 1 });
    const pending = [ask('a'), ask('b')];
    assert.equal(openStores(), 'a b');
    clock.pass(DOMAIN_LIMITS.idleMs + 1);
    assert.deepEqual(await Promise.all(pending), [1, 1]);
    assert.equal(await ask('c'), 1);
    assert.equal(openStores(), 'c');
  });

  it('that was closed for another takes nothing along that counts: rates, locks', async () => {
    const { ask } = await openFixture(['a', 'b'], { openStores: 1 }, { a: { rateLimit: 2 } });
    const answers: (string | number)[] = [];
    for (let round = 0; round < 6; round += 1) {
      answers.push(await ask('a'));
      await ask('b');
    }
    assert.deepEqual(answers, [1, 1, 1, 1, 'rate_limited', 'rate_limited']);
    for (let attempt = 0; attempt < MAX_FAILURES; attempt += 1) {
      assert.equal(await ask('a', 1, 'wrong'), 'credentials_invalid');
      assert.equal(await ask('b'), 1);
    }
    assert.equal(await ask('a'), 'locked_out');
    assert.equal(await ask('b'), 1);
  });

  it('of an installation with one domain is open from the start, and stays so', async () => {
    const { ask, clock, openStores, write, domains } = await openFixture(['a', 'b']);
    domains.reload(write({}, ['a']).domains);
    assert.equal(openStores(), 'a');
    clock.pass(DOMAIN_LIMITS.idleMs * 2);
    assert.equal(await ask('a'), 1);
    assert.equal(openStores(), 'a');
  });
});

describe('a domain whose store cannot be used', () => {
  it('fails alone, says why once, and is tried again at most once a second', async () => {
    const { ask, clock, events, logged, pathOf } = await openFixture(['a', 'b']);
    renameSync(pathOf('a'), `${pathOf('a')}.away`);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      assert.equal(await ask('a'), 'store_unavailable');
      assert.equal(await ask('b'), 1);
    }
    assert.deepEqual(
      logged.map(({ domain, level }) => ({ domain, level })),
      [{ domain: 'a', level: 'error' }],
    );
    assert.match(String(logged[0]?.cause), /there is no store at/);
    const failed = events.filter(({ domain }) => domain === 'a');
    assert.deepEqual(
      failed.map(({ result, query }) => ({ result, by: query?.by })),
      Array.from({ length: 3 }, () => ({ result: 'store_unavailable', by: 'lead_id' })),
    );
    assert.match(String(failed[0]?.cause), /there is no store at/);
    copyFileSync(`${pathOf('a')}.away`, pathOf('a'));
    assert.equal(await ask('a'), 'store_unavailable');
    clock.pass(DOMAIN_LIMITS.retryMs);
    assert.equal(await ask('a'), 1);
    assert.deepEqual([logged.length, logged[1]?.level, logged[1]?.domain], [2, 'info', 'a']);
  });

  it('may be damaged, empty, of another program or a folder', async () => {
    const names = ['damaged', 'empty', 'foreign', 'folder', 'good'];
    const { ask, pathOf } = await openFixture(names);
    writeFileSync(pathOf('empty'), '');
    writeFileSync(pathOf('damaged'), Buffer.alloc(8192, 7));
    writeFileSync(pathOf('foreign'), 'SQLite format 3\0'.padEnd(8192, '\0'));
    rmSync(pathOf('folder'));
    mkdirSync(pathOf('folder'));
    for (const name of names) assert.equal(await ask(name), name === 'good' ? 1 : 'store_unavailable');
  });

  it('may be a dialer that does not answer', async () => {
    const { ask, domains, folder, write } = await openFixture(['a', 'b']);
    const dead = `mariadb://callercard:x@127.0.0.1:${await findFreePort()}/asterisk`;
    domains.reload(write({ a: { database: dead, stateFile: join(folder, 'state.db') } }).domains);
    const answers = await Promise.all(['a', 'b', 'a', 'b'].map((name) => ask(name)));
    assert.deepEqual(answers, ['store_unavailable', 1, 'store_unavailable', 1]);
  });

  it('does not start an installation of which it is the only one', () => {
    const folder = temporaryFolder();
    assert.throws(() => openDomainFixture(writeDomains(folder, { a: {} })), { name: 'StoreRefusal' });
  });
});

describe('readiness', () => {
  it('is reported while there is a domain that can serve, as far as is known', async () => {
    const { ask, domains, pathOf } = await openFixture(['a', 'b']);
    assert.equal(await domains.isReady(), true);
    rmSync(pathOf('a'));
    await ask('a');
    assert.equal(await domains.isReady(), true, 'b was not tried yet');
    await ask('b');
    assert.equal(await domains.isReady(), true);
  });

  it('is gone when every domain was tried in vain', async () => {
    const { ask, domains, pathOf } = await openFixture(['a', 'b']);
    for (const name of ['a', 'b']) {
      rmSync(pathOf(name));
      await ask(name);
    }
    await assert.rejects(async () => domains.isReady(), AggregateError);
  });
});

describe('other settings for the domains', { skip: skipWithoutOpenFiles }, () => {
  it('add, change and remove them from the next request on', async () => {
    const { ask, domains, write } = await openFixture(['a', 'b', 'c']);
    domains.reload(write({}, ['a', 'b']).domains);
    assert.deepEqual([await ask('a'), await ask('b'), await ask('c')], [1, 1, 'nobody']);
    const changes = domains.reload(write({ b: { rateLimit: 9 } }, ['b', 'c']).domains);
    assert.deepEqual(changes, { added: ['c'], changed: ['b'], removed: ['a'] });
    assert.deepEqual([await ask('a'), await ask('b'), await ask('c')], ['nobody', 1, 1]);
    assert.deepEqual(domains.reload(write({ b: { rateLimit: 9 } }, ['b', 'c']).domains), {
      added: [],
      changed: [],
      removed: [],
    });
  });

  it('let requests end where they began, and then close that store', async () => {
    const { ask, domains, folder, openStores, write } = await openFixture(['a', 'b']);
    const old = domains.find('a');
    const pending = [ask('a'), ask('b')];
    domains.reload(write({ a: { database: `sqlite:${folder}/b.db` } }, ['a']).domains);
    assert.equal(openStores(), 'a b');
    assert.deepEqual(await Promise.all(pending), [1, 1]);
    await until('b alone', () => openStores() === 'b');
    assert.equal(await ask('a'), 'credentials_invalid', 'it is b by now');
    // A request whose body was still on its way when the settings changed.
    assert.ok(old !== undefined && old !== 'no host');
    const late = await old.lookup({
      endpoint: 'goapi',
      right: 'read',
      requestId: 'r-2',
      address: '192.0.2.1',
      credentials: { kind: 'user', name: 'crm', password: 'planted-secret a' },
      parameters: { leadId: '2' },
    });
    assert.ok('result' in late);
    await until('b alone', () => openStores() === 'b');
  });

  it('leave a domain of which only hosts and origins changed its store and its memory', async () => {
    const { ask, domains, openStores, write } = await openFixture(['a', 'b'], {}, { a: { rateLimit: 1 } });
    assert.deepEqual([await ask('a'), await ask('a')], [1, 1]);
    const next = write({ a: { hosts: ['other'], corsOrigins: ['https://crm.example'] } });
    assert.deepEqual(domains.reload(next.domains).changed, ['a']);
    assert.equal(openStores(), 'a');
    const moved = domains.find('other');
    assert.ok(moved !== undefined && moved !== 'no host' && moved.corsOrigins.has('https://crm.example'));
    assert.equal(domains.find('a'), undefined);
    domains.reload(write().domains);
    assert.equal(await ask('a'), 'rate_limited');
  });

  it('that would leave one domain alone with a store that cannot be used change nothing', async () => {
    const { ask, domains, write } = await openFixture(['a', 'b']);
    const nowhere = write({ a: { database: 'sqlite:nowhere/a.db' } }, ['a']).domains;
    assert.throws(() => domains.reload(nowhere), { name: 'StoreRefusal' });
    assert.deepEqual([await ask('a'), await ask('b')], [1, 1]);
  });
});
