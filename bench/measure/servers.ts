import { fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { devNull } from 'node:os';

/** A server that answers, in one or more processes of its own. */
export interface RunningServer {
  readonly url: string;
  /** CPU time of its processes so far. */
  cpuMicroseconds(): Promise<number>;
  /** Says where its time goes, if it can. */
  readonly profiler?: { start(): Promise<void>; stop(): Promise<Profiler.Profile> };
  stop(): Promise<void>;
}

/** Candidates that name the same function share one running server. */
export type StartServer = () => Promise<RunningServer>;

/**
 * A server in a process of its own, which runs `serveBenchmark`. What it logs goes nowhere, as through a pipe that is
 * always read.
 */
export async function forkServer(file: string, args: readonly string[]): Promise<RunningServer> {
  const child = fork(file, args, {
    stdio: ['ignore', openSync(devNull, 'w'), 'inherit', 'ipc'],
    execArgv: [],
  });
  const ended = once(child, 'exit');
  const early = ended.then(() => Promise.reject(new Error('the server ended early')));
  early.catch(() => undefined);
  const reply = async <Answer>(): Promise<Answer> => {
    const [message] = (await Promise.race([once(child, 'message'), early])) as [Answer];
    return message;
  };
  const ask = <Answer>(message: string): Promise<Answer> => {
    child.send(message);
    return reply();
  };
  const { url } = await reply<{ url: string }>();
  return {
    url,
    async cpuMicroseconds() {
      const { cpu } = await ask<{ cpu: NodeJS.CpuUsage }>('cpu');
      return cpu.user + cpu.system;
    },
    profiler: {
      async start() {
        await ask('profile');
      },
      async stop() {
        const { profile } = await ask<{ profile: Profiler.Profile }>('end profile');
        return profile;
      },
    },
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}

/** Servers that keep running from their first round to the end of a comparison. */
export interface ServerPool {
  get(start: StartServer): Promise<RunningServer>;
  stop(): Promise<void>;
}

export function createServerPool(): ServerPool {
  const servers = new Map<StartServer, RunningServer>();
  return {
    async get(start) {
      const known = servers.get(start);
      if (known !== undefined) return known;
      const server = await start();
      servers.set(start, server);
      return server;
    },
    async stop() {
      const running = [...servers.values()];
      servers.clear();
      await Promise.all(running.map((server) => server.stop()));
    },
  };
}
