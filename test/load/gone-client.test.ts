import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { createApp, type App } from '../../src/app.ts';
import type { Store } from '../../src/core/store.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { openSocket, requestText } from '../http/raw-socket.ts';
import { fillEmbedded, type StoreDescription } from '../stores/described-store.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../service/lookup-fixture.ts';
import { fillForReader, READER } from '../stores/vicidial/dialer-fixture.ts';
import { basic } from '../support/authorization.ts';
import { dialerConfig } from '../support/dialer-config.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { isAnswering, listenReady, send, temporaryFolder, testConfig } from '../support/test-app.ts';
import { until } from '../support/until.ts';

/** Each lookup of it is dear: more leads have it than are counted. */
const NUMBER = '5555555555';
const SHARED = 3_000;
/** The most of one request. */
const ITEMS = 1_000;
/** What may still be done of a request once its connection is gone: what was begun together, and a little. */
const MOST_AFTER = 100;

function describeLeads(password: StoreDescription['users'][number]['password']): StoreDescription {
  return {
    lists: [{ list_id: 1, name: 'one' }],
    leads: Array.from({ length: SHARED }, (_, at) => ({ lead_id: at + 1, list_id: 1, phone_number: NUMBER })),
    users: [{ name: 'crm', password }],
  };
}

/** A request for so many numbers. */
function requestFor(phoneOf: (at: number) => string): string {
  return requestText(
    'POST',
    '/v1/leads/lookup',
    { ...basic('crm', PASSWORD), 'content-type': 'application/json', Connection: 'keep-alive' },
    JSON.stringify({ items: Array.from({ length: ITEMS }, (_, at) => ({ phone: phoneOf(at) })) }),
  );
}

/** What is asked for in the same words is looked up once: each item writes the number in its own way. */
function spellingOf(at: number): string {
  const spaced = NUMBER.replaceAll(/\d(?=\d)/g, (digit, place: number) =>
    (at >> place) & 1 ? `${digit} ` : digit,
  );
  return at < 512 ? spaced : `+52 ${spaced}`;
}

const OF_ONE_NUMBER = requestFor(spellingOf);
/** On a dialer a shared number's statements take turns, and too many are refused: there each asks for one of its own. */
const OF_MANY_NUMBERS = requestFor((at) => String(5_510_000_000 + at));

interface Running {
  readonly app: App;
  readonly url: string;
  /** How many lookups have begun. */
  readonly begun: () => number;
}

async function run(store: Store, config: Parameters<typeof createApp>[0]): Promise<Running> {
  let begun = 0;
  const find = store.leads.find.bind(store.leads);
  store.leads.find = (...parameters) => {
    begun += 1;
    return find(...parameters);
  };
  const app = createApp(config, { store });
  const url = await listenReady(app);
  await until('it is ready', () => isAnswering(url, '/readyz'));
  // The password is known then, and the schema of a dialer.
  const headers = basic('crm', PASSWORD);
  assert.equal((await send(url, '/v1/leads/1', { headers })).status, 200);
  return { app, url, begun: () => begun };
}

/** Closes a connection in the middle of the work for it, and sees that the work ends. */
async function closeInTheMiddle(
  t: TestContext,
  { url, begun }: Running,
  requests: number,
  close: (socket: Socket) => void,
  readWork: () => number | Promise<number>,
  request = OF_ONE_NUMBER,
): Promise<void> {
  const before = begun();
  const socket = await openSocket(url);
  socket.on('error', () => undefined);
  socket.write(request.repeat(requests));
  await until('it is in the middle', () => begun() > before + ITEMS / 10, 1);
  close(socket);
  const atClose = begun() - before;
  // When it ends, others are answered as ever, and nothing else is done.
  let last = -1;
  await until('nothing is done any more', async () => {
    const now = await readWork();
    const isStill = now === last;
    last = now;
    await pause(150);
    return isStill;
  });
  const after = begun() - before - atClose;
  t.diagnostic(
    `${atClose} of ${requests * ITEMS} lookups were done, and ${after} after the connection was closed`,
  );
  assert.ok(atClose < (requests * ITEMS) / 2, `${atClose} lookups: it was no longer in the middle`);
  assert.ok(after <= MOST_AFTER * requests, `${after} lookups for nobody`);
}

const WAYS = [
  ['closed', (socket: Socket) => void socket.end(() => socket.destroy())],
  ['reset', (socket: Socket) => void socket.resetAndDestroy()],
] as const;

describe('a connection that is gone in the middle of POST /v1/leads/lookup', { timeout: 120_000 }, () => {
  describe('of an embedded store', () => {
    let running: Running;
    before(async () => {
      const config = testConfig(join(temporaryFolder(), 'test.db'), { rateLimit: 1_000_000 });
      const store = openStore(config, { create: true });
      await fillEmbedded(store, describeLeads({ verifier: CHEAP_VERIFIER }));
      running = await run(store, config);
    });
    after(() => running.app.close());

    for (const [how, close] of WAYS) {
      for (const requests of [1, 4]) {
        it(`47: ${how}, takes the work of ${requests === 1 ? 'its request' : 'all its pipelined requests'} along`, (t) =>
          closeInTheMiddle(t, running, requests, close, running.begun));
      }
    }
  });

  describe('of a dialer', { skip: mariadbSkip }, () => {
    let server: MariadbServer;
    let running: Running;
    before(async () => {
      server = await startMariadb();
      await fillForReader(server, describeLeads(PASSWORD));
      const config = dialerConfig(server, READER, { rateLimit: 1_000_000 });
      running = await run(openStore(config, { log: () => undefined }), config);
    });
    after(async () => {
      await running.app.close();
      await server.stop();
    });

    /** Statements that the server has run for us; those of this test are none of them. */
    async function statements(): Promise<number> {
      const rows = await server.runRootSql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'");
      return Number((rows as readonly { Value: string }[])[0]?.Value);
    }

    for (const [how, close] of WAYS) {
      for (const requests of [1, 4]) {
        it(`47: ${how}, takes the statements of ${requests === 1 ? 'its request' : 'all its pipelined requests'} along`, (t) =>
          closeInTheMiddle(t, running, requests, close, statements, OF_MANY_NUMBERS));
      }
    }
  });
});
