import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fillBenchStore, phoneOf, USER } from '../lookups/store.ts';
import { byLead, byPhone } from '../lookups/requests.ts';
import { addSharingLeads } from './shared-number.ts';

const LEADS = 20_000;
/** Users that log in once, and again when their cached credentials have expired. */
export const FREQUENT_USERS = Array.from({ length: 400 }, (_, at) => `frequent${at}`);

/** Users that log in while others flood the server, each once. */
export const NEW_USERS = Array.from({ length: 120 }, (_, at) => `new${at}`);

/** A server over a store of its own, in a process of its own. */
export interface FloodServer {
  readonly url: string;
  /** Lookups of random leads by the user USER, whose credentials are cached. */
  readonly targets: readonly string[];
  /** The names of users with the password of USER. */
  readonly frequentUsers: readonly string[];
  /** As those, and they never log in before they are asked for. */
  readonly newUsers: readonly string[];
  /** Its process's memory now, in bytes. */
  readonly residentBytes: () => number;
  /** The server's monotonic clock goes on by this much. */
  passTime(milliseconds: number): Promise<void>;
  /** Ends it and removes its store. */
  stop(): Promise<void>;
}

/** Over an embedded store of its own. */
export async function startFloodServer(): Promise<FloodServer> {
  const folder = mkdtempSync(join(tmpdir(), 'callercard-flood-'));
  const path = join(folder, 'flood.db');
  await fillBenchStore(path, LEADS, [USER.name, ...FREQUENT_USERS, ...NEW_USERS]);
  addSharingLeads(path);
  const running = await startServerProcess('target.ts', [path]);
  return {
    ...running,
    targets: Array.from({ length: 5_000 }, (_, at) => {
      const leadId = 1 + Math.floor(Math.random() * LEADS);
      return at % 2 === 0 ? byLead(leadId) : byPhone(phoneOf(leadId));
    }),
    frequentUsers: FREQUENT_USERS,
    newUsers: NEW_USERS,
    async stop() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param file in this folder, what the process runs */
export async function startServerProcess(
  file: string,
  args: readonly string[],
): Promise<Omit<FloodServer, 'targets' | 'frequentUsers' | 'newUsers'>> {
  const child = fork(join(import.meta.dirname, file), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const early = ended.then(() => Promise.reject(new Error('the server ended early')));
  early.catch(() => undefined);
  const [message] = (await Promise.race([once(child, 'message'), early])) as [{ url: string }];
  return {
    url: message.url,
    residentBytes: () =>
      Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024,
    async passTime(milliseconds) {
      const answered = once(child, 'message');
      child.send({ passMs: milliseconds });
      await answered;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
