import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { createCallHub } from '../../../src/events/call-hub.ts';
import { openRelayChannel } from '../../../src/events/relay-channel.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { createCallRelay } from '../../../src/stores/postgresql/call-relay.ts';
import { keepDirectConnection } from '../../../src/stores/postgresql/direct-connection.ts';
import { freezeProcess } from '../../support/freeze-process.ts';
import { postgresqlSkip, startPostgresql, type PostgresqlServer } from '../../support/postgresql-server.ts';
import { until } from '../../support/until.ts';
import { openFilled, createDatabaseFor, postgresqlConfig } from './filled-store.ts';
import { addressOf, openTestLeases, TEST_LEASE } from './test-leases.ts';

/** A process that wants the lease, and the moments at which it held it. */
interface Contender {
  readonly child: ChildProcess;
  readonly moments: bigint[];
}

const WAYS = [
  ['by a lock', false],
  ['by a row, where a pooler stands in between', true],
] as const;

describe('several processes with a direct connection', { skip: postgresqlSkip }, () => {
  let server: PostgresqlServer;
  let schema: string;
  const children = new Set<ChildProcess>();

  before(async () => {
    server = await startPostgresql({ isDurable: true });
    await createDatabaseFor(server);
    const config = postgresqlConfig(server);
    ({ schema } = config.database);
    await (await openFilled(config, { lists: [], leads: [], users: [] })).close();
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await server.stop();
  });

  function startContender(isPooled: boolean): Contender {
    const file = join(import.meta.dirname, 'lease-process.ts');
    const child = spawn(process.execPath, [file, String(server.port), schema, isPooled ? 'pooled' : ''], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.add(child);
    const moments: bigint[] = [];
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      moments.push(...lines.map(BigInt));
    });
    return { child, moments };
  }

  async function holdsAnew({ moments }: Contender): Promise<void> {
    const before = moments.length;
    await until('it holds the lease', () => moments.length > before);
  }

  describe('hold a lease one at a time', { concurrency: true }, () => {
    for (const [words, isPooled] of WAYS) {
      it(`${words}: it is taken over from a process that is killed or frozen, and two never hold it`, async () => {
        const all = [startContender(isPooled)];
        const [one] = all as [Contender];
        await holdsAnew(one);
        const [other, third] = [startContender(isPooled), startContender(isPooled)];
        all.push(other, third);
        await holdsAnew(one);
        one.child.kill('SIGKILL');
        await until('another one holds it', () => other.moments.length + third.moments.length > 0);
        const [second, last] = other.moments.length > 0 ? [other, third] : [third, other];
        assert.ok(second.child.pid !== undefined);
        freezeProcess(second.child.pid);
        await holdsAnew(last);
        second.child.kill('SIGCONT');
        await holdsAnew(last);
        assert.deepEqual(
          holdersOf(all),
          [one, second, last].map((contender) => all.indexOf(contender)),
        );
        for (const { child } of all) child.kill('SIGKILL');
      });
    }
  });

  it('hear each other’s calls also where a pooler stands in between', async () => {
    const config = postgresqlConfig(server);
    const hubs = [1, 2].map(() =>
      createCallHub(
        systemClock,
        openRelayChannel(
          (listener) => {
            const { user, relay } = createCallRelay(schema, () => Promise.resolve(), listener);
            const connection = keepDirectConnection(() => addressOf(config, schema, true), [user]);
            return { ...relay, close: () => connection.close() };
          },
          'PostgreSQL',
          () => undefined,
        ),
      ),
    );
    const [one, other] = hubs;
    const received: unknown[] = [];
    const ana = { domain: 'acme', user: 'ana' };
    other?.subscribe(ana, undefined, ({ leadId }) => received.push(leadId));
    one?.publish(ana, { leadId: 1 });
    await until('it is heard', () => received.includes(1));
    one?.publish(ana, { leadId: 2 });
    await until('it is heard', () => received.includes(2));
    assert.deepEqual(received, [1, 2]);
    await Promise.all(hubs.map((hub) => hub.close()));
  });

  for (const [words, isPooled] of WAYS) {
    it(`hear ${words} when a lease is taken and lost; it is given up when it is closed`, async () => {
      const openLease = openTestLeases(server, schema, isPooled);
      const events: string[] = [];
      const listenerOf = (name: string) => ({
        taken: () => void events.push(`${name} taken`),
        lost: () => void events.push(`${name} lost`),
      });
      const name = `${TEST_LEASE} ${words}`;
      const one = openLease(name, listenerOf('one'));
      const unrelated = openLease('unrelated', listenerOf('unrelated'));
      await until('both are taken', () => one.isHeld() && unrelated.isHeld());
      await unrelated.close();
      events.length = 0;
      await server.kill();
      await until('it is lost', () => events.includes('one lost'));
      assert.equal(one.isHeld(), false);
      await server.restart();
      await until('it is taken', () => one.isHeld());
      const other = openLease(name, listenerOf('other'));
      await one.close();
      assert.equal(one.isHeld(), false);
      await until('the other takes it', () => other.isHeld());
      assert.deepEqual(events.slice(-2), ['one lost', 'other taken']);
      await other.close();
    });
  }
});

/** Each holder's moments in a row, in the order of time: two that held it together would come in turns. */
function holdersOf(all: readonly Contender[]): readonly number[] {
  const moments = all.flatMap(({ moments: of }, who) => of.map((at) => ({ at, who })));
  moments.sort((a, b) => (a.at < b.at ? -1 : 1));
  return moments.map(({ who }) => who).filter((who, at, list) => who !== list[at - 1]);
}
