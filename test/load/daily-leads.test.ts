import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';

import { openStore } from '../../src/stores/open-store.ts';
import { UNUSUAL_LEADS } from '../../src/throttle/daily-leads.ts';
import { PATH, queryFor } from '../http/raw-socket.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../service/lookup-fixture.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { fillForReader, READER } from '../stores/vicidial/dialer-fixture.ts';
import { startCallercard, stopServer, type RunningServer } from '../support/command.ts';
import { runClients } from '../support/load/clients.ts';
import type { LoadFigures } from '../support/load/plan.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { send, temporaryFolder, testConfig } from '../support/test-app.ts';
import { until } from '../support/until.ts';

/** More than are unusual: what is refused or logged beyond is the same for each. */
const LEADS = UNUSUAL_LEADS + 1_500;
const LIMIT = 1_000;

const DESCRIPTION = {
  lists: [{ list_id: 100, name: 'list 100' }],
  leads: Array.from({ length: LEADS }, (_, at) => ({
    lead_id: at + 1,
    list_id: 100,
    phone_number: String(5_500_000_000 + at + 1),
  })),
};
const USERS = ['ana', 'luis'];

/** Where the server runs, with which settings. */
interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly end: () => Promise<void>;
}

async function makeEmbedded(): Promise<Place> {
  const cwd = temporaryFolder();
  const store = openStore(testConfig(join(cwd, 'data', 'callercard.db')), { create: true });
  const users = USERS.map((name) => ({ name, password: { verifier: CHEAP_VERIFIER } }));
  await fillEmbedded(store, { ...DESCRIPTION, users });
  await store.close();
  return { cwd, env: {}, end: () => Promise.resolve() };
}

async function makeDialer(): Promise<Place> {
  const server: MariadbServer = await startMariadb();
  await fillForReader(server, {
    ...DESCRIPTION,
    users: USERS.map((name) => ({ name, password: PASSWORD })),
  });
  const account = `${READER.user}:${encodeURIComponent(READER.password)}`;
  const database = `mariadb://${account}@${server.host}:${server.port}/asterisk`;
  return { cwd: temporaryFolder(), env: { CALLERCARD_DATABASE: database }, end: () => server.stop() };
}

/** A time zone in which it is about noon, so that no midnight comes in between. */
function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  return `Etc/GMT${ahead < 0 ? '+' : '-'}${Math.abs(ahead)}`;
}

const TZ = zoneAtNoon();

function targetOf(leadId: number, user = 'ana'): string {
  return `${PATH}?${queryFor({ goUser: user, lead_id: String(leadId) })}`;
}

/** Every lead once, in a random order. */
function shuffledTargets(): readonly string[] {
  const random = new SeededRandom('51');
  return Array.from({ length: LEADS }, (_, at) => ({ target: targetOf(at + 1), at: random.next() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ target }) => target);
}

const TARGETS = shuffledTargets();
/** Those that were read within the limit are among them: they were asked for first. */
const BEGINNING = TARGETS.slice(0, 3 * LIMIT);

async function readAll(url: string, targets = TARGETS): Promise<LoadFigures> {
  const [figures] = await runClients({
    url,
    connections: 16,
    // It ends with the last id; only a machine that stands still would need so long.
    seconds: 240,
    perSecond: 4_000,
    targets,
    order: 'once',
  });
  assert.equal(figures.wrong, 0, figures.wrongWords.join('; '));
  assert.equal(figures.overloaded.count + figures.refused.count, 0, JSON.stringify(figures));
  return figures;
}

/** The warnings about leads of a day, fewest leads first: each worker writes its own lines. */
function warningsOf(server: RunningServer) {
  const lines = server.said().split('\n');
  return lines
    .filter((line) => line.startsWith('{') && line.includes('"daily_leads"'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .map(({ level, user, address, endpoint, leads, msg }) => ({
      about: [level, user, address, endpoint, leads],
      msg: String(msg),
    }))
    .toSorted((one, other) => Number(one.about[4]) - Number(other.about[4]));
}

/** What a warning about ana's leads says beside its message. */
function aboutAna(leads: number): readonly unknown[] {
  return [40, 'ana', '127.0.0.1', 'goapi', leads];
}

async function countReached(url: string): Promise<number> {
  const { text } = await send(url, '/metrics', { headers: { host: 'localhost' } });
  return Number(/^callercard_daily_leads_reached_total\{domain="default"\} (\d+)$/m.exec(text)?.[1]);
}

for (const [engine, make, skip] of [
  ['the embedded store', makeEmbedded, false],
  ['a dialer', makeDialer, mariadbSkip],
] as const) {
  describe(
    `more leads than are usual, in a random order, read by one user of ${engine}`,
    { skip, timeout: 600_000 },
    () => {
      let place: Place;
      before(async () => {
        place = await make();
      });
      after(() => place.end());

      async function start(t: TestContext, ...args: readonly string[]): Promise<RunningServer> {
        const limits = ['--workers', '2', '--rate-limit', '1000000', '--log-level', 'warn'];
        const server = await startCallercard(['serve', ...limits, ...args], {
          cwd: place.cwd,
          env: { ...place.env, TZ, CALLERCARD_METRICS: '127.0.0.1' },
        });
        t.after(() => stopServer(server));
        await until('it answers', async () => (await send(server.url, '/readyz')).status === 200);
        return server;
      }

      it('51: are refused from the 1,001st on, by two workers and after a restart, and nobody else notices', async (t) => {
        const first = await start(t, '--daily-leads', String(LIMIT));
        const [already = ''] = TARGETS;
        assert.match((await send(first.url, already)).text, /"success"/);
        const { answered, limited } = await readAll(first.url);
        assert.deepEqual([answered.count, limited.count], [LIMIT, LEADS - LIMIT]);
        await until('it is logged', () => warningsOf(first).length === 2);
        const warnings = warningsOf(first);
        assert.deepEqual(
          warnings.map(({ about }) => about),
          [aboutAna(LIMIT * 0.8), aboutAna(LIMIT)],
        );
        const messages = warnings.map(({ msg }) => msg).join();
        assert.match(
          messages,
          /most of the different leads that dailyLeads allows.+others are refused until midnight/,
        );
        await until('it is counted', async () => (await countReached(first.url)) === 1);
        assert.match((await send(first.url, targetOf(8, 'luis'))).text, /"success"/);
        await stopServer(first);

        const second = await start(t, '--daily-leads', String(LIMIT));
        const again = await readAll(second.url, BEGINNING);
        assert.deepEqual([again.answered.count, again.limited.count], [LIMIT, 2 * LIMIT], 'read today');
        assert.match((await send(second.url, targetOf(9, 'luis'))).text, /"success"/);
        assert.deepEqual(warningsOf(second), [], 'once a day');
      });

      it('51: are answered by default, and logged and counted once, at 5,000', async (t) => {
        // What the limit above has refused was never counted; the day goes on with those 1,000.
        const server = await start(t);
        const { answered, limited } = await readAll(server.url);
        assert.deepEqual([answered.count, limited.count], [LEADS, 0]);
        await until('it is logged', () => warningsOf(server).length > 0);
        await until('it is counted', async () => (await countReached(server.url)) === 1);
        const again = await readAll(server.url, BEGINNING);
        assert.equal(again.answered.count, BEGINNING.length);
        assert.equal(await countReached(server.url), 1);
        const warnings = warningsOf(server);
        assert.deepEqual(
          warnings.map(({ about }) => about),
          [aboutAna(UNUSUAL_LEADS)],
        );
        assert.match(String(warnings[0]?.msg), /unusually many different leads today; dailyLeads is not set/);
        assert.match((await send(server.url, targetOf(8, 'luis'))).text, /"success"/);
      });
    },
  );
}
