import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { LISTS_CHARACTERS } from '../../../src/core/list-patch.ts';
import { StoreFailure } from '../../../src/core/lead-store.ts';
import type { LeadState } from '../../../src/core/lead-state.ts';
import type { WriteOptions } from '../../../src/core/record-store.ts';
import type { StoreEvent } from '../../../src/core/store.ts';
import { openPostgresql, type PostgresqlStore } from '../../../src/stores/postgresql/open-postgresql.ts';
import { openPostgresqlRelay } from '../../../src/stores/postgresql/open-relay.ts';
import { postgresqlSkip, startPostgresql, type PostgresqlServer } from '../../support/postgresql-server.ts';
import { timeOf, until } from '../../support/until.ts';
import { temporaryFolder } from '../../support/test-app.ts';
import { ACCOUNT, createDatabaseFor, openFilled, postgresqlConfig } from './filled-store.ts';

const USERS = { lists: [], leads: [], users: [{ name: 'ana', password: { verifier: 'x' } }] };
const THRESHOLDS = [80, 100];

describe('a PostgreSQL store of several machines', { skip: postgresqlSkip }, () => {
  let server: PostgresqlServer;
  before(async () => {
    server = await startPostgresql({ isDurable: true });
    await createDatabaseFor(server);
  });
  after(() => server.stop());

  const isUsable = (store: PostgresqlStore) =>
    store.accounts.read('ana').then(
      ({ account }) => account?.name === 'ana',
      () => false,
    );

  it('is made once, by whoever comes first, and by nobody who may not', async () => {
    const config = postgresqlConfig(server);
    const reader = openPostgresql(config);
    await assert.rejects(reader.accounts.read('ana'), (cause: StoreFailure) =>
      String(cause.cause).includes('there is no store in the schema'),
    );
    const events: StoreEvent[] = [];
    const log = (event: StoreEvent) => events.push(event);
    const all = Array.from({ length: 4 }, () => openPostgresql(config, { mayMigrate: true, log }));
    await Promise.all(all.map((store) => store.accounts.read('ana')));
    assert.deepEqual(
      events.map(({ message }) => message),
      [`made a store in the schema ${config.database.schema}`],
    );
    assert.equal((await reader.accounts.read('ana')).account, undefined);
    const abroad = openPostgresql({ ...config, defaultCountry: 'ES' });
    await assert.rejects(abroad.accounts.read('ana'), (cause: StoreFailure) =>
      String(cause.cause).includes('as those of MX, not ES'),
    );
    await Promise.all([...all, reader, abroad].map((store) => store.close()));
  });

  it('has one clock, which goes on for whoever comes later', async () => {
    const config = postgresqlConfig(server);
    const clock = { wall: () => 0, boot: () => 'one', uptime: () => performance.now() };
    const store = openPostgresql(config, { mayMigrate: true, clock });
    assert.throws(() => store.credentials.now(), StoreFailure);
    await store.accounts.read('ana');
    const another = openPostgresql(config, {
      clock: { ...clock, uptime: () => performance.now() + 5_000_000 },
    });
    await another.accounts.read('ana');
    assert.ok(Math.abs(store.credentials.now() - another.credentials.now()) < 1_000);
    assert.ok(Math.abs(store.accounts.now() - another.accounts.now()) < 1_000);
    assert.ok(Math.abs(store.credentials.now() - Date.now()) < 60_000);
    await store.close();
    await another.close();
  });

  it('counts leads of a day over all of them, and lets nobody beyond a limit', async () => {
    const config = postgresqlConfig(server);
    const [one, other] = [await openFilled(config, USERS), openPostgresql(config)];
    const counted = await Promise.all(
      Array.from({ length: 300 }, (_, at) =>
        (at % 2 === 0 ? one : other).dailyLeads.count(
          { day: 20_000, account: '1', user: 'ana', leadIds: [at % 150], thresholds: THRESHOLDS },
          at % 3 === 0 ? 'soon' : 'now',
        ),
      ),
    );
    const leads = new Set(counted.flatMap(({ fits }, at) => (fits ? [at % 150] : [])));
    assert.equal(leads.size, 100);
    assert.deepEqual(counted.flatMap(({ reached }) => reached ?? []).sort(), [100, 80]);
    assert.deepEqual(await one.dailyLeads.reported(20_000), [{ user: 'ana', leads: 100 }]);
    const next = await other.dailyLeads.count(
      { day: 20_001, account: '1', user: 'ana', leadIds: [1], thresholds: THRESHOLDS },
      'now',
    );
    assert.deepEqual(next, { day: 20_001, leads: 1, fits: true, reached: undefined });
    await Promise.all([one.close(), other.close()]);
  });

  it('adds a lead once, whichever of them is asked, and gives each an id of its own', async () => {
    const config = postgresqlConfig(server);
    const stores = [await openFilled(config, USERS), openPostgresql(config)] as const;
    const by = { user: 'ana', endpoint: 'v1', requestId: 'r' } as const;
    const addAll = (options: WriteOptions, state: LeadState) =>
      Promise.all(
        Array.from({ length: 12 }, (_, at) => stores[at % 2 === 0 ? 0 : 1].records.add(state, by, options)),
      );
    const lead = { list_id: 1, first_name: 'Eva', phone_number: '5512345678', is_customer: false };
    const once = await addAll({}, lead);
    assert.equal(once.filter((written) => 'id' in written).length, 1);
    assert.equal(once.filter((written) => 'refused' in written && written.refused === 'shared').length, 11);
    const idempotency = { account: '1', key: 'k', digest: 'd' };
    const repeated = await addAll({ allowShared: true, idempotency }, lead);
    const ids = repeated.map((written) => ('id' in written ? written.id : 0));
    assert.equal(new Set(ids).size, 1);
    assert.equal(repeated.filter((written) => 'id' in written && written.isRepeated === true).length, 11);
    const others = await addAll({ allowShared: true }, lead);
    assert.equal(new Set(others.map((written) => ('id' in written ? written.id : 0))).size, 12);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('has lists no larger than an answer, whichever of them sets them', async () => {
    const config = postgresqlConfig(server);
    const stores = [await openFilled(config, USERS), openPostgresql(config)] as const;
    const statuses = ['s'.repeat(LISTS_CHARACTERS / 4)];
    const put = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        stores[at % 2 === 0 ? 0 : 1].records.putList(
          { listId: 50 + at, name: null, statuses, masked: [] },
          true,
        ),
      ),
    );
    assert.equal(put.filter((how) => how === 'done').length, 3);
    assert.equal(put.filter((how) => how === 'full').length, 5);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('is kept up by one of them, and by another one where that ends or loses its connection', async () => {
    const config = postgresqlConfig(server);
    const { schema } = config.database;
    const stores = [await openFilled(config, USERS), openPostgresql(config), openPostgresql(config)];
    const holders = () =>
      server.runSql(
        `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND ((classid::bigint << 32) | objid::bigint)
           = hashtextextended('callercard upkeep ${schema}', 0)`,
      );
    const keepUp = () => Promise.all(stores.map(async (store) => store.upkeep?.()));
    const storedClock = () => server.runSql(`SELECT value FROM ${schema}.meta WHERE name = 'clock'`, 'calls');
    await keepUp();
    await keepUp();
    assert.equal(await holders(), '1');

    const before = await storedClock();
    await server.runSql('SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = $$advisory$$');
    await until('another one takes it', async () => {
      await keepUp();
      return (await holders()) === '1' && (await storedClock()) !== before;
    });
    for (const store of stores.splice(0, 2)) await store.close();
    await until('the last one takes it', async () => {
      await keepUp();
      return (await holders()) === '1';
    });
    for (const store of stores) await store.close();
    assert.equal(await holders(), '0');
  });

  it('goes on when its password becomes another one, also in the connection for live pop', async () => {
    const [role, file] = ['rotated', join(temporaryFolder(), 'password')];
    const setPassword = async (password: string) => {
      await server.runSql(`ALTER ROLE ${role} PASSWORD '${password}'`);
      writeFileSync(file, `${password}\n`);
      await server.runSql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`);
    };
    await server.runSql(`CREATE ROLE ${role} LOGIN IN ROLE ${ACCOUNT.user}`);
    const owned = postgresqlConfig(server);
    await (await openFilled(owned, USERS)).close();
    await setPassword('first');
    const database = { ...owned.database, user: role, password: '' };
    const config = { ...owned, database, databasePasswordFile: file };
    const store = openPostgresql(config);
    let joined = 0;
    const listener = { take: () => undefined, fault: () => undefined, canSend: () => undefined };
    const relay = openPostgresqlRelay(config, () => undefined, { pauseMs: 20 })({
      ...listener,
      joined: () => (joined += 1),
    });
    await until('it is used', async () => (await isUsable(store)) && joined === 1);
    await setPassword('second');
    await until('it is used again', async () => (await isUsable(store)) && joined === 2);
    rmSync(file);
    await server.runSql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`);
    await until('it is used without the file', async () => (await isUsable(store)) && joined === 3);
    await Promise.all([store.close(), relay.close()]);
  });

  it('37: is used again after a kill -9 and a freeze; meanwhile it fails soon, and loses nothing', async () => {
    const config = postgresqlConfig(server);
    const store = await openFilled(config, USERS);
    const answers = await Promise.allSettled([
      ...Array.from({ length: 20 }, () => store.accounts.read('ana')),
      server.kill(),
    ]);
    for (const answer of answers.slice(0, 20))
      if (answer.status === 'rejected') assert.ok(answer.reason instanceof StoreFailure);
    await until('it is known as failed', () => isUsable(store).then((usable) => !usable));
    assert.ok((await timeOf(() => isUsable(store))) < 1_000);
    await server.restart();
    await until('it is used again', () => isUsable(store));
    assert.equal((await store.users.list()).length, 1);

    server.freeze();
    const waited = await timeOf(() => store.accounts.read('ana').catch(() => undefined));
    assert.ok(waited < 4_000, `${waited} ms`);
    server.thaw();
    await until('it is used again', () => isUsable(store));
    assert.equal(await store.users.setVerifier('ana', 'y'), true);
    await store.close();
  });

  it('36: may be down when it is opened, and is found once it answers', async () => {
    await server.kill();
    const store = openPostgresql(postgresqlConfig(server), { mayMigrate: true });
    await assert.rejects(store.accounts.read('ana'), StoreFailure);
    await server.restart();
    await until('it is made', () =>
      store.accounts.read('ana').then(
        () => true,
        () => false,
      ),
    );
    await store.close();
  });
});
