import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate as nextTick } from 'node:timers/promises';

import { DatabaseFailure } from '../../../src/stores/network/failure.ts';
import type { PostgresqlConnection } from '../../../src/stores/postgresql/session-statements.ts';
import { postgresqlFailure } from '../../../src/stores/postgresql/postgresql-failure.ts';
import { SharedConnections } from '../../../src/stores/postgresql/shared-connections.ts';
import { Turns } from '../../../src/stores/postgresql/turns.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const BOUND = 3;

/** Sessions that are made up: each answers with the schema that it really has, and some do not go over to another one. */
function madeUpServer(random: SeededRandom) {
  const sessions = new Set<Socket>();
  let [most, failed] = [0, 0];
  const open = async (schema: string): Promise<PostgresqlConnection> => {
    await nextTick();
    const socket = new Socket();
    // It was never connected, which a reset wants.
    socket.resetAndDestroy = () => socket.destroy();
    sessions.add(socket);
    most = Math.max(most, sessions.size);
    socket.once('close', () => sessions.delete(socket));
    let [current, isSpoilt] = [schema, false];
    const never = () => Promise.reject(new Error('not in this test'));
    return {
      ...{ socket, isPooled: false, begin: never, runScript: never, copy: never },
      ...{ onNotification: () => undefined, onNotice: () => undefined, onLost: () => undefined },
      async execute() {
        assert.equal(isSpoilt, false, 'a session was used that did not go over');
        const answer = current;
        for (let ticks = random.below(4); ticks >= 0; ticks -= 1) await nextTick();
        return [[answer]];
      },
      async useSchema(next) {
        await nextTick();
        isSpoilt = random.chance(0.2);
        if (isSpoilt) {
          failed += 1;
          throw new DatabaseFailure('slow', 'canceled', '57014');
        }
        current = next;
      },
      end: () => Promise.resolve(void socket.destroy()),
    };
  };
  return { open, most: () => most, failed: () => failed, count: () => sessions.size };
}

describe('connections that stores in several schemas share', () => {
  it('answer each by its own schema, or not at all', async () => {
    const random = new SeededRandom('schemas');
    const server = madeUpServer(random);
    const shared = new SharedConnections({ host: 'x', port: 1 });
    const schemas = Array.from({ length: 9 }, (_, at) => `schema_${at}`);
    const stores = schemas.map((schema) => {
      const open = () => server.open(schema);
      return {
        schema,
        connections: shared.join({ schema, most: BOUND, bound: BOUND, open, explain: postgresqlFailure }),
      };
    });
    const callers = Array.from({ length: 50 }, async () => {
      for (let at = 0; at < 60; at += 1) {
        const { schema, connections } = random.pick(stores);
        assert.deepEqual(await connections.execute('SELECT', []), [[schema]]);
      }
    });
    await Promise.all(callers);
    assert.ok(server.failed() > 0);
    // A session that is reset is gone a moment later.
    assert.ok(server.most() <= BOUND + server.failed());
    assert.ok(stores.reduce((sum, { connections }) => sum + connections.count, 0) <= BOUND);
    await Promise.all(stores.map(({ connections }) => connections.end()));
    await nextTick();
    assert.equal(server.count(), 0);
    await assert.rejects(async () => stores[0]?.connections.execute('SELECT', []), /not in use any more/);
  });

  it('fail at once for all who wait where none can be opened', async () => {
    const shared = new SharedConnections({ host: 'x', port: 1 });
    const refused = new DatabaseFailure('unreachable', 'refused', 'ECONNREFUSED');
    const open = () => Promise.reject(refused);
    const stores = Array.from({ length: 9 }, (_, at) =>
      shared.join({ schema: `schema_${at}`, most: 2, bound: 2, open, explain: postgresqlFailure }),
    );
    const outcomes = await Promise.allSettled(stores.map((store) => store.execute('SELECT', [])));
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as unknown)),
      stores.map(() => refused),
    );
    await Promise.all(stores.map((store) => store.end()));
  });
});

describe('turns', () => {
  it('47: go round among those who wait, and one leaves a slot to the others', async () => {
    const turns = new Turns('slots');
    const [loud, quiet, third] = [1, 2, 3].map(() => turns.join({ most: 3, bound: 3 }));
    assert.ok(loud && quiet && third);
    const order: string[] = [];
    const ask = (name: string, taker: typeof loud) => taker.acquire().then(() => order.push(name));
    const loudAsks = Array.from({ length: 5 }, () => ask('loud', loud));
    await nextTick();
    assert.deepEqual(order, ['loud', 'loud']);
    const others = [ask('quiet', quiet), ask('quiet', quiet), ask('third', third)];
    await nextTick();
    assert.deepEqual(order.slice(2), ['quiet']);
    for (const taker of [loud, loud, quiet, loud, third, quiet]) {
      taker.release();
      await nextTick();
    }
    await Promise.all([...loudAsks, ...others]);
    assert.deepEqual(order.toSorted(), [...Array<string>(5).fill('loud'), 'quiet', 'quiet', 'third']);
    assert.ok(order.indexOf('third') <= 5, String(order));
  });

  it('end where somebody waits too long', async () => {
    const turns = new Turns('slots');
    const taker = turns.join({ most: 1, bound: 1 });
    await taker.acquire();
    const late = taker.acquire();
    taker.expire(performance.now() + 2_000);
    await assert.rejects(late, { kind: 'busy' });
    taker.release();
    await taker.acquire();
  });
});
