/**
 * kill -9 of `callercard serve` at any moment of its life, while wrong passwords and lookups come: every wrong password
 * that was answered is counted afterwards, and every lookup that was answered has its record in an audit that verifies.
 */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';

import { MAX_FAILURES, userIdentity } from '../../src/auth/lockout.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { createLoginKeys } from '../../src/stores/sqlite/login-keys.ts';
import { CHEAP_VERIFIER } from '../../test/service/lookup-fixture.ts';
import { faultsOf, recordsOf } from '../../test/audit/audit-fixture.ts';
import { fillEmbedded } from '../../test/stores/described-store.ts';
import { temporaryFolder, testConfig } from '../../test/support/test-app.ts';
import { until } from '../../test/support/until.ts';
import { createBreaches, rowOfCount, rowOfNone, type Breaches, type Chaos, type ChaosRow } from './chaos.ts';
import { startVictim } from './victim.ts';
import { SeededRandom } from '../../test/support/seeded-random.ts';
import { createOracle, startOracleClients, type Oracle } from './oracle.ts';

/** Lookups of ids up to this find a lead; those of other ids have an audit record, too. */
const LEADS = 2_000;
const USERS = 120;
/** Rounds that go on with one store and its audit. */
const EPOCH = 20;
/** At most so long is a server left alone after it answers. */
const LONGEST_MS = 400;
/** Stores that are served beside each other. */
const LANES = 2;

interface Found {
  readonly lost: Breaches;
  readonly wrong: Breaches;
  readonly unrecorded: Breaches;
  readonly unsound: Breaches;
  readonly counted: { value: number };
  readonly looked: { value: number };
  readonly records: { value: number };
}

interface Lane {
  readonly folder: string;
  readonly oracle: Oracle;
}

export async function killServers(chaos: Chaos): Promise<readonly ChaosRow[]> {
  const of = () => createBreaches(chaos);
  const numbers = { counted: { value: 0 }, looked: { value: 0 }, records: { value: 0 } };
  const found: Found = { lost: of(), wrong: of(), unrecorded: of(), unsound: of(), ...numbers };
  const template = await makeTemplate();
  const seed = chaos.random.below(2 ** 32);
  let done = 0;
  await Promise.all(
    Array.from({ length: LANES }, async (_, at) => {
      const random = new SeededRandom(`${seed}/${at}`);
      const mine = Math.floor(chaos.rounds / LANES) + (at < chaos.rounds % LANES ? 1 : 0);
      let lane = startLane(template);
      for (let round = 1; round <= mine; round += 1) {
        await killOne(lane, random, found, { name: `serve round ${at + 1}.${round}`, isFirst: round === 1 });
        done += 1;
        if (done % 10 === 0) chaos.log(`serve: ${done} of ${chaos.rounds} rounds`);
        if (round % EPOCH === 0 || round === mine) {
          closeLane(lane, found);
          lane = startLane(template);
        }
      }
    }),
  );
  chaos.noteKilled(done, found.lost.count + found.unrecorded.count + found.unsound.count);
  return rowsOf(chaos, done, found);
}

function rowsOf({ rounds }: Chaos, done: number, found: Found): readonly ChaosRow[] {
  const { counted, looked, records } = found;
  return [
    rowOfCount('servers killed (-9) under lookups and wrong passwords', rounds, done),
    rowOfCount('wrong passwords that were answered', rounds >= 20 ? rounds : 1, counted.value),
    rowOfNone('of these, not counted after the kill', found.lost),
    rowOfCount('audit records, asked: as many as lookups were answered', looked.value, records.value),
    rowOfNone('answered lookups without a record', found.unrecorded),
    rowOfNone('audits that do not verify, stores that fail the integrity check', found.unsound),
    rowOfNone('wrong answers', found.wrong),
  ];
}

async function makeTemplate(): Promise<string> {
  const path = join(temporaryFolder(), 'template.db');
  const store = openStore(testConfig(path), { create: true });
  const password = { verifier: CHEAP_VERIFIER };
  await fillEmbedded(store, {
    lists: [{ list_id: 1, name: 'one' }],
    leads: Array.from({ length: LEADS }, (_, at) => ({
      lead_id: at + 1,
      list_id: 1,
      first_name: `Name ${at + 1}`,
      phone_number: String(5_500_000_000 + at + 1),
    })),
    users: [
      { name: 'crm', password },
      ...Array.from({ length: USERS }, (_, at) => ({ name: `agent${at}`, password })),
    ],
  });
  await store.close();
  return path;
}

function startLane(template: string): Lane {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'data'));
  copyFileSync(template, join(folder, 'data', 'callercard.db'));
  return { folder, oracle: createOracle(USERS, LEADS) };
}

/**
 * One server's life. Every fifth is killed while it starts; every fourth has two workers.
 *
 * @param isFirst it lives until a wrong password was answered, so that few rounds look at something, too
 */
async function killOne(
  lane: Lane,
  random: SeededRandom,
  found: Found,
  { name: round, isFirst }: { readonly name: string; readonly isFirst: boolean },
): Promise<void> {
  const workers = random.below(4) === 0 ? '2' : '1';
  const isEarly = random.below(5) === 0 && !isFirst;
  const livesMs = random.next() * LONGEST_MS;
  const args = ['serve', '--workers', workers, '--rate-limit', '1000000'];
  const server = startVictim(args, { cwd: lane.folder });
  if (isEarly) {
    await pause(livesMs);
  } else {
    await until('its URL', () => server.said().includes('answers at http') || server.hasEnded(), 3);
    const url = /answers at (http:\/\/[^\s/]+)\s/.exec(server.said())?.[1];
    if (url === undefined) {
      found.unsound.add(`${round}: it does not start again: ${server.said()}`);
    } else {
      const clients = startOracleClients(url, lane.oracle);
      if (isFirst) await until('a wrong password', () => hasCounted(lane.oracle) || server.hasEnded(), 3);
      await pause(livesMs);
      await server.kill();
      for (const { wrong, refused } of await clients.ended()) {
        for (const words of wrong) found.wrong.add(`${round}: ${words}`);
        if (refused > 0) found.wrong.add(`${round}: ${refused} refused`);
      }
    }
  }
  await server.kill();
  await inspect(lane, found, round);
}

/** Whether a wrong password was answered. */
function hasCounted({ wrongPasswords }: Oracle): boolean {
  return [...wrongPasswords.values()].some(({ answered }) => answered > 0);
}

async function inspect({ folder, oracle }: Lane, found: Found, round: string): Promise<void> {
  const audit = join(folder, 'data', 'callercard-audit');
  const database = new DatabaseSync(join(folder, 'data', 'callercard.db'));
  try {
    const check = database.prepare('PRAGMA integrity_check').get()?.integrity_check;
    if (check !== 'ok') found.unsound.add(`${round}: ${String(check)}`);
    const keyOf = createLoginKeys(database);
    const read = database.prepare('SELECT count FROM login_failures WHERE login_key = ?');
    for (const [name, { answered, sent }] of oracle.wrongPasswords) {
      const count = Number(read.get(keyOf(userIdentity(name)))?.count ?? 0);
      if (count < Math.min(answered, MAX_FAILURES) || count > sent) {
        found.lost.add(`${round}: ${name}: ${sent} sent, ${answered} answered, ${count} counted`);
      }
    }
  } finally {
    database.close();
  }
  if (!existsSync(audit)) return;
  for (const fault of await faultsOf(audit)) found.unsound.add(`${round}: ${fault}`);
  const recorded = new Set(
    recordsOf(audit, 'lookup')
      .filter(isTelling)
      .map(({ askedLead }) => askedLead),
  );
  const missing = [...oracle.lookedUp].filter((lead) => !recorded.has(lead));
  for (const lead of missing) found.unrecorded.add(`${round}: lead ${lead} was answered and has no record`);
}

function closeLane({ folder, oracle }: Lane, found: Found): void {
  for (const { answered } of oracle.wrongPasswords.values()) found.counted.value += answered;
  found.looked.value += oracle.lookedUp.size;
  const audit = join(folder, 'data', 'callercard-audit');
  if (existsSync(audit)) found.records.value += recordsOf(audit, 'lookup').filter(isTelling).length;
}

/** Records of lookups that were let in. */
function isTelling({ result }: Readonly<Record<string, unknown>>): boolean {
  return result === 'found' || result === 'lead_not_found';
}
