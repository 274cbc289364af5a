import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { openStore } from '../../../src/stores/open-store.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../../service/lookup-fixture.ts';
import { fillEmbedded, type DescribedUser, type StoreDescription } from '../../stores/described-store.ts';
import { fillForReader, READER } from '../../stores/vicidial/dialer-fixture.ts';
import { startCallercard, type RunningServer } from '../../support/command.ts';
import { startMariadb } from '../../support/mariadb-server.ts';
import { temporaryFolder, testConfig } from '../../support/test-app.ts';
import {
  FUZZ_LEADS,
  FUZZ_USERS,
  fuzzName,
  fuzzPhone,
  fuzzUser,
  WRITER,
  WRITERS_LIST,
} from './good-request.ts';

export const FUZZ_STORES = ['embedded', 'dialer'] as const;
export type FuzzStore = (typeof FUZZ_STORES)[number];

/** The user that checks the server meanwhile; no case guesses its password. */
export const WATCHER = 'watcher';

/** A server in a process of its own. */
export interface FuzzTarget {
  readonly url: string;
  /** Everything that it said so far: its log, at the level debug. */
  said(): string;
  /** Of its process, in bytes; undefined where that cannot be told. */
  memory(): number | undefined;
  /** @throws {AssertionError} it wrote down what no log may hold */
  stop(): Promise<void>;
}

function description(password: DescribedUser['password']): StoreDescription {
  const names = [WATCHER, ...Array.from({ length: FUZZ_USERS }, (_, at) => fuzzUser(at))];
  return {
    lists: [
      { list_id: 1, name: 'one', fields: [{ label: 'plan', type: 'TEXT' }] },
      { list_id: WRITERS_LIST, name: 'two', fields: [{ label: 'plan', type: 'TEXT' }] },
    ],
    leads: Array.from({ length: FUZZ_LEADS }, (_, at) => at + 1).map((id) => ({
      lead_id: id,
      list_id: 1,
      first_name: fuzzName(id),
      phone_number: fuzzPhone(id),
      ...(id % 2 === 0 ? { custom: [['plan', 'gold & <more>']] as const } : {}),
    })),
    users: [
      ...names.map((name) => ({ name, password })),
      { name: WRITER, password, rights: ['read', 'edit'], lists: [WRITERS_LIST] },
    ],
  };
}

/** Starts `callercard serve`, and with a dialer its database. */
export async function startFuzzTarget(store: FuzzStore): Promise<FuzzTarget> {
  return store === 'embedded' ? startEmbedded() : startDialer();
}

const SETTINGS = { CALLERCARD_LOG_LEVEL: 'debug', CALLERCARD_RATE_LIMIT: '1000000' };

async function startEmbedded(): Promise<FuzzTarget> {
  const cwd = temporaryFolder();
  const opened = openStore(testConfig(join(cwd, 'fuzz.db')), { create: true });
  await fillEmbedded(opened, description({ verifier: CHEAP_VERIFIER }));
  await opened.close();
  const env = { ...SETTINGS, CALLERCARD_DATABASE: 'sqlite:fuzz.db' };
  return targetOf(await startCallercard(['serve'], { cwd, env }), () => Promise.resolve());
}

async function startDialer(): Promise<FuzzTarget> {
  const database = await startMariadb();
  try {
    await fillForReader(database, description(PASSWORD), { altPhoneIndex: true });
    const login = `${READER.user}:${encodeURIComponent(READER.password)}`;
    const address = `mariadb://${login}@${database.host}:${database.port}/asterisk`;
    const env = { ...SETTINGS, CALLERCARD_DATABASE: address };
    const server = await startCallercard(['serve'], { cwd: temporaryFolder(), env });
    return targetOf(server, () => database.stop());
  } catch (cause) {
    await database.stop();
    throw cause;
  }
}

function targetOf(server: RunningServer, stopDatabase: () => Promise<void>): FuzzTarget {
  return {
    url: server.url,
    said: () => server.said(),
    memory: () => residentBytes(server.pid),
    async stop() {
      server.kill('SIGTERM');
      try {
        await server.ended();
      } finally {
        await stopDatabase();
      }
    },
  };
}

/** As the kernel counts it; only Linux tells it in a file. */
function residentBytes(pid: number): number | undefined {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kib === undefined ? undefined : Number(kib) * 1_024;
  } catch {
    return undefined;
  }
}
