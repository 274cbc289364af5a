import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { createClient } from '@redis/client';

import { freezeProcess } from './freeze-process.ts';
import { hasEnded } from './process-tree.ts';
import { findProgram, skipWithout } from './programs.ts';
import { findServerPort } from './server-port.ts';
import { temporaryFolder } from './test-app.ts';
import { until } from './until.ts';

/** Why tests with a Redis server are skipped; false where they run. */
export const redisSkip = skipWithout(
  'Redis server',
  findProgram('redis-server') !== undefined,
  'redis-server',
);

/** A Redis of the test's own, which keeps nothing on disk. */
export interface RedisServer {
  readonly url: string;
  /** Asks it something, as `redis-cli` would. */
  ask(...command: readonly string[]): Promise<unknown>;
  kill(): Promise<void>;
  /** After a kill: empty, on the same port. */
  restart(): Promise<void>;
  /** It stays and its connections too, but nothing is answered any more. */
  freeze(): void;
  thaw(): void;
}

const running = new Set<ChildProcess>();
process.prependOnceListener('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** @param password planted, so that it can be looked for where it may not be */
export async function startRedis(password: string): Promise<RedisServer> {
  const program = findProgram('redis-server');
  if (program === undefined) throw new Error('redis-server is not there: apt-get install redis-server');
  const port = await findServerPort();
  const url = `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}`;
  const folder = temporaryFolder();
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--requirepass', password];
    // No config file and no snapshots.
    child = spawn(String(program), [...own, '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
    child.unref();
    running.add(child);
    await until(
      'Redis answers',
      () =>
        ask('PING').then(
          () => true,
          () => false,
        ),
      20,
    );
  }

  async function ask(...command: readonly string[]): Promise<unknown> {
    const socket = { reconnectStrategy: false, connectTimeout: 2_000 } as const;
    const client = createClient({ url, socket }).on('error', () => undefined);
    try {
      await client.connect();
      return await client.sendCommand([...command]);
    } finally {
      client.destroy();
    }
  }

  async function kill(): Promise<void> {
    if (child === undefined || hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.ref();
    child.kill('SIGKILL');
    await ended;
    running.delete(child);
  }

  await start();
  return {
    url,
    ask,
    kill,
    restart: start,
    freeze() {
      if (child?.pid !== undefined) freezeProcess(child.pid);
    },
    thaw: () => void child?.kill('SIGCONT'),
  };
}
