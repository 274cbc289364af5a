/**
 * Which files and functions of src/ run during one warm lookup, from V8's own counters (the inspector's precise coverage).
 *
 * The server runs in this process as an installation has it: audit in files, log and metrics on. A client outside of src/
 * asks over a real socket until everything is warm. Then the counters are read, which resets them, one request is made, and
 * they are read again. What runs on timers of its own (sweeps, the flush of the log) is no part of a request; it falls into
 * one measurement or another, so a function counts when it ran in every one of several.
 */
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { createApp } from '../src/app.ts';
import type { Store } from '../src/core/store.ts';
import { openStore } from '../src/stores/open-store.ts';
import { loadConfig } from '../src/config/load.ts';
import type { Config } from '../src/config/settings.ts';
import { createLog } from '../src/observe/log.ts';
import { queryFor } from '../test/http/raw-socket.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../test/service/lookup-fixture.ts';
import { fillEmbedded, type StoreDescription } from '../test/stores/described-store.ts';
import { fillForReader, READER } from '../test/stores/vicidial/dialer-fixture.ts';
import { dialerConfig } from '../test/support/dialer-config.ts';
import { startMariadb } from '../test/support/mariadb-server.ts';

export const ENGINES = ['sqlite', 'mariadb'] as const;
export type Engine = (typeof ENGINES)[number];

/** What ran: each file of src/, from the repository's root, with its functions; an arrow without a name by its line. */
export type RequestPath = ReadonlyMap<string, readonly string[]>;

const WARM_UP = 60;
const MEASUREMENTS = 8;
/** Where a request takes longer, timers run in every measurement. */
const QUICK_MS = 50;
const MOST_MEASUREMENTS = 500;

const root = join(import.meta.dirname, '..');
const source = join(root, 'src');

const DATA: StoreDescription = {
  lists: [{ list_id: 100, name: 'North', fields: [{ label: 'policy', type: 'TEXT' }] }],
  leads: [
    { lead_id: 1, list_id: 100, phone_number: '5500000001', custom: [['policy', 'P-1']] },
    { lead_id: 2, list_id: 100, phone_number: '5500000002' },
  ],
  users: [{ name: 'crm', password: { verifier: CHEAP_VERIFIER } }],
};

/** Measures one warm lookup by telephone number through the documented API. */
export async function measurePath(engine: Engine): Promise<RequestPath> {
  const folder = mkdtempSync(join(tmpdir(), 'callercard-path-'));
  try {
    return engine === 'sqlite' ? await measureEmbedded(folder) : await measureDialer(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function configIn(folder: string): Config {
  const { config } = loadConfig({
    flags: { database: `sqlite:${join(folder, 'store.db')}`, audit: join(folder, 'audit'), port: '0' },
    environment: {},
  });
  return config;
}

async function measureEmbedded(folder: string): Promise<RequestPath> {
  const config = configIn(folder);
  const store = openStore(config, { create: true });
  if (!('archive' in store)) throw new Error('the embedded store is expected');
  await fillEmbedded(store, DATA);
  return measureServer(config, store, folder);
}

async function measureDialer(folder: string): Promise<RequestPath> {
  const server = await startMariadb();
  try {
    await fillForReader(server, { ...DATA, users: [{ name: 'crm', password: PASSWORD }] });
    const { audit } = configIn(folder);
    const config = dialerConfig(server, READER, { audit, stateFile: join(folder, 'state.db') });
    return await measureServer(config, openStore(config), folder);
  } finally {
    await server.stop();
  }
}

async function measureServer(config: Config, store: Store, folder: string): Promise<RequestPath> {
  const log = createLog('info', openSync(join(folder, 'log'), 'w'));
  const app = createApp(config, { store, log });
  const url = new URL(
    `/goAPIv2/goAgent/goAPI.php?${queryFor({ phone_number: '5500000001' })}`,
    await app.listen(),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const session = new Session();
  session.connect();
  try {
    for (let count = 0; count < WARM_UP; count += 1) await ask(url, agent);
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    const measured: Set<string>[] = [];
    for (let count = 0; measured.length < MEASUREMENTS; count += 1) {
      if (count === MOST_MEASUREMENTS) throw new Error(`no ${MEASUREMENTS} requests within ${QUICK_MS} ms`);
      await session.post('Profiler.takePreciseCoverage');
      const began = performance.now();
      await ask(url, agent);
      const counted = await session.post('Profiler.takePreciseCoverage');
      if (performance.now() - began < QUICK_MS) measured.push(functionsOf(counted));
    }
    const [first = new Set<string>(), ...others] = measured;
    return byFile([...first].filter((name) => others.every((other) => other.has(name))));
  } finally {
    session.disconnect();
    agent.destroy();
    await app.close();
  }
}

/** Asks, and waits until what follows the answer in its tick is done. */
async function ask(url: URL, agent: Agent): Promise<void> {
  const text = await new Promise<string>((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (piece: string) => (body += piece));
      response.on('end', () => resolve(body));
    });
    request.on('error', reject);
  });
  if (!text.startsWith('{"result":"success"')) throw new Error(`not a warm lookup: ${text}`);
  for (let tick = 0; tick < 3; tick += 1) await setImmediate();
}

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
    }[];
  }[];
}

/** `FILE\0FUNCTION` for each that ran; a function without a name is told apart by where it begins. */
function functionsOf({ result }: Coverage): Set<string> {
  const names = new Set<string>();
  for (const { url, functions } of result) {
    const file = url.startsWith('file://') ? fileURLToPath(url) : '';
    if (!file.startsWith(source)) continue;
    for (const { functionName, ranges } of functions) {
      const [whole] = ranges;
      if (whole === undefined || whole.count === 0) continue;
      const name = functionName === '' ? `(anonymous at ${whole.startOffset})` : functionName;
      names.add(`${file.slice(root.length + 1)}\0${name}`);
    }
  }
  return names;
}

function byFile(names: readonly string[]): RequestPath {
  const files = new Map<string, string[]>();
  for (const [file = '', name = ''] of names.toSorted().map((name) => name.split('\0'))) {
    files.set(file, [...(files.get(file) ?? []), name]);
  }
  return files;
}

export function countFunctions(path: RequestPath): number {
  return [...path.values()].reduce((sum, functions) => sum + functions.length, 0);
}
