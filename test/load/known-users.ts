import { createApp } from '../../src/app.ts';
import { systemClock, type Clock, type MachineClock } from '../../src/core/clock.ts';
import { systemMachineClock } from '../../src/stores/machine-clock.ts';
import { bcryptDigest } from '../../src/stores/vicidial/eksblowfish.ts';
import { verifierOf } from '../service/test-services.ts';
import { PATH, queryFor } from '../http/raw-socket.ts';
import { fillEmbedded, type StoreDescription } from '../stores/described-store.ts';
import { fillForReader, READER } from '../stores/vicidial/dialer-fixture.ts';
import { dialerConfig } from '../support/dialer-config.ts';
import { startMariadb } from '../support/mariadb-server.ts';
import { runRootSql } from '../support/root-sql.ts';
import { isAnswering, listenReady, startTestApp, temporaryFolder } from '../support/test-app.ts';
import { until } from '../support/until.ts';

const PASSWORD = 'right';
/** Users that were there lately. */
export const KNOWN = Array.from({ length: 16 }, (_, at) => `known${at}`);
export const WARM = 'warm';
/** Users that never log in before they are asked for. */
export const NEWCOMERS = Array.from({ length: 12 }, (_, at) => `newcomer${at}`);

/** A server whose users have hashes as slow as true ones. */
export interface KnownServer {
  readonly url: string;
  readonly clock: MovedClock;
  close(): Promise<void>;
}

/** Real time that can be moved forward, so that what is remembered of logins ages. */
export interface MovedClock extends Clock, MachineClock {
  pass(milliseconds: number): void;
}

/** A good question of that user, or with another password. */
export function targetFor(goUser: string, goPass = PASSWORD): string {
  return `${PATH}?${queryFor({ goUser, goPass, lead_id: '1' })}`;
}

function createMovedClock(): MovedClock {
  let ahead = 0;
  return {
    wall: () => systemClock.wall() + ahead,
    monotonic: () => systemClock.monotonic() + ahead,
    boot: () => systemMachineClock.boot(),
    uptime: () => systemMachineClock.uptime() + ahead,
    pass(milliseconds) {
      ahead += milliseconds;
    },
  };
}

function describe(password: StoreDescription['users'][number]['password']): StoreDescription {
  return {
    lists: [{ list_id: 1, name: 'one' }],
    leads: [{ lead_id: 1, list_id: 1, phone_number: '5500000001' }],
    users: [WARM, ...KNOWN, ...NEWCOMERS].map((name) => ({ name, password })),
  };
}

/** argon2id in the embedded store. */
export async function openEmbedded(): Promise<KnownServer> {
  const clock = createMovedClock();
  const description = describe({ verifier: await verifierOf(PASSWORD) });
  const running = await startTestApp(temporaryFolder(), (store) => fillEmbedded(store, description), {
    clock,
    config: { logLevel: 'warn' },
  });
  return { url: running.url, clock, close: () => running.close() };
}

const KEY = '1234567890123456';
/** About 17 ms for a check, as long as the embedded store's; a stock dialer's 2 takes half a millisecond. */
const COST = 7;

/** bcrypt on a dialer. */
export async function openDialer(): Promise<KnownServer> {
  const server = await startMariadb();
  await fillForReader(server, describe(PASSWORD));
  const settings = "UPDATE asterisk.system_settings SET pass_hash_enabled = '1', pass_key = ?, pass_cost = ?";
  await runRootSql(server, settings, [KEY, COST]);
  const digest = bcryptDigest(Buffer.from(PASSWORD), Buffer.from(KEY), COST);
  await runRootSql(server, "UPDATE asterisk.vicidial_users SET pass_hash = ?, pass = ''", [digest]);
  const clock = createMovedClock();
  const app = createApp(dialerConfig(server, READER), { clock });
  const url = await listenReady(app);
  await until('it is ready', () => isAnswering(url, '/readyz'));
  return {
    url,
    clock,
    async close() {
      await app.close();
      await server.stop();
    },
  };
}
