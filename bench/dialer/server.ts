import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { startMariadb, type MariadbServer } from '../../test/support/mariadb-server.ts';
import { BENCH_FOLDER } from '../lookups/store.ts';
import { readThrough } from '../measure/read-through.ts';
import { createBenchDialer } from './data.ts';

/** Enough for the indexes of ten million leads; rows are read through the system's page cache. */
const ARGS = ['--key-buffer-size=1G', '--max-connections=100'];
/** For making them: indexes sorted in memory, not grown row by row. */
const MAKING_ARGS = [...ARGS, '--myisam-sort-buffer-size=1G', '--myisam-max-sort-file-size=100G'];

/**
 * A MariaDB of the benchmark's own with a dialer of so many leads. Its data are made once and kept: 10,000,000 leads take
 * some minutes.
 */
export async function startBenchDialer(leads: number): Promise<MariadbServer> {
  const keptFolder = join(BENCH_FOLDER, `dialer-${leads}`);
  if (!existsSync(keptFolder)) await makeDialer(keptFolder, leads);
  readThrough(keptFolder);
  return startMariadb({ args: ARGS, keptFolder });
}

/** Ends it so that its data stay whole. */
export async function stopBenchDialer(server: MariadbServer): Promise<void> {
  await server.kill('SIGTERM');
  await server.stop();
}

async function makeDialer(folder: string, leads: number): Promise<void> {
  process.stderr.write(`making a dialer with ${leads.toLocaleString('en')} leads (once)\n`);
  mkdirSync(BENCH_FOLDER, { recursive: true });
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  const server = await startMariadb({ args: MAKING_ARGS, keptFolder: draft });
  try {
    await createBenchDialer(server, leads);
  } finally {
    await stopBenchDialer(server);
  }
  renameSync(draft, folder);
}
