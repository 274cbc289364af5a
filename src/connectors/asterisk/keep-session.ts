import { setTimeout as pause } from 'node:timers/promises';

import type { AsteriskAddress } from '../../config/asterisk-settings.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import {
  ManagerSession,
  type SessionEnd,
  type SessionListener,
  type SessionTimes,
} from './manager-session.ts';

export const KEEP_TIMES = {
  /** Before the second try; doubled with each that fails. */
  retryMs: 1_000,
  mostRetryMs: 30_000,
  /** A login that held for less is another failure: a server may let in and close at once, again and again. */
  steadyMs: 30_000,
  /** After a refused login: more of them would look like somebody who guesses. */
  refusedMs: 60_000,
} as const;

export type KeepTimes = { readonly [Time in keyof typeof KEEP_TIMES]: number };

export interface KeepOptions {
  readonly address: AsteriskAddress;
  readonly take: SessionListener['take'];
  /** Events may have been missed until now. */
  readonly joined: () => void;
  readonly log: LogStoreEvent;
  readonly times?: Partial<KeepTimes & SessionTimes> | undefined;
}

export interface KeptSession extends Pick<ManagerSession, 'pause' | 'resume'> {
  readonly isConnected: boolean;
  /** How often it was connected again. */
  readonly reconnects: number;
  close(): Promise<void>;
}

/** Stays logged in, whatever happens to the server or on the way to it. */
export function keepSession({ address, take, joined, log, times = {} }: KeepOptions): KeptSession {
  const { retryMs, mostRetryMs, steadyMs, refusedMs } = { ...KEEP_TIMES, ...times };
  const closing = new AbortController();
  const isClosing = () => closing.signal.aborted;
  const trouble = watchTrouble(`${address.host}:${address.port}`, log);
  let current: ManagerSession | undefined;
  let isConnected = false;
  let logins = 0;
  let failures = 0;

  /** In which order of time the next try comes; never at the same moment as those of others. */
  function waitAfter({ isRefused }: SessionEnd): number {
    const wait = isRefused ? refusedMs : Math.min(retryMs * 2 ** Math.min(failures - 1, 10), mostRetryMs);
    return wait * (0.5 + Math.random() / 2);
  }

  async function run(): Promise<void> {
    while (!isClosing()) {
      let joinedAt = Infinity;
      const loggedIn = () => {
        isConnected = true;
        logins += 1;
        joinedAt = performance.now();
        trouble.isGone();
        joined();
      };
      current = new ManagerSession(address, { loggedIn, take }, times);
      const end = await current.ended;
      isConnected = false;
      if (isClosing()) return;
      failures = performance.now() - joinedAt >= steadyMs ? 1 : failures + 1;
      trouble.note(end);
      await pause(waitAfter(end), undefined, { ref: false, signal: closing.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    get isConnected() {
      return isConnected;
    },
    get reconnects() {
      return Math.max(0, logins - 1);
    },
    pause: () => current?.pause(),
    resume: () => current?.resume(),
    async close() {
      closing.abort();
      current?.close();
      await running;
    },
  };
}

/** One line when it begins, one when it is over, whatever happens in between. */
function watchTrouble(server: string, log: LogStoreEvent) {
  let known: 'none' | 'lost' | 'refused' | 'not yet' = 'not yet';
  return {
    note({ isRefused, reason }: SessionEnd): void {
      const kind = isRefused ? 'refused' : 'lost';
      if (known === kind || (known === 'refused' && kind === 'lost')) return;
      known = kind;
      const message = `cards do not open by the calls of Asterisk at ${server}: ${reason}`;
      log({ level: isRefused ? 'error' : 'warn', message });
    },
    isGone(): void {
      if (known === 'none') return;
      known = 'none';
      log({ level: 'info', message: `cards open by the calls of Asterisk at ${server}` });
    },
  };
}
