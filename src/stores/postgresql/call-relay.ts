import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { CallRelay, RelayListener } from '../../core/call-relay.ts';
import { StoreRefusal } from '../../core/store.ts';
import { DatabaseFailure } from '../network/failure.ts';
import type { DirectSession, DirectUser } from './direct-connection.ts';

/** The server takes less than 8,000 bytes in a NOTIFY. */
const MOST_BYTES = 7_900;
/** Before the number of a call that is in a row; a call is JSON, which begins otherwise. */
const ROW = 'row ';
/** Behind a pooler no NOTIFY is heard: so often it is asked for calls. */
const POLL_MS = 1_000;
/** So far back, because what was committed last need not be what was sent last. */
const POLL_BACK_MS = 5_000;
/** How far the clocks of the processes may differ, as MAX_AHEAD_MS of a call that is received. */
const CLOCKS_DIFFER_MS = 60_000;
/** So often calls that are over are deleted. */
const CLEAN_MS = 10 * 60_000;

const NOW = `floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint`;
const KEEP = `INSERT INTO last_calls (user_key, at, sent_at, expires_at, call) VALUES ($1, $2, ${NOW}, ${NOW} + $3::bigint, $4)
  ON CONFLICT (user_key) DO UPDATE SET at = excluded.at, sent_at = excluded.sent_at, expires_at = excluded.expires_at, call = excluded.call
  WHERE last_calls.at <= excluded.at + ${CLOCKS_DIFFER_MS} OR last_calls.at > ${NOW} + ${CLOCKS_DIFFER_MS}`;
const SEND = `WITH kept AS (${KEEP}) SELECT pg_notify($5, $4)`;
const SEND_LARGE = `WITH kept AS (${KEEP}),
  large AS (INSERT INTO large_calls (sent_at, call) VALUES (${NOW}, $4) RETURNING call_number)
  SELECT pg_notify($5, '${ROW}' || call_number) FROM large`;
const READ_LAST = `SELECT call FROM last_calls WHERE user_key = $1 AND expires_at > ${NOW}`;
const READ_LARGE = 'SELECT call FROM large_calls WHERE call_number = $1';
const READ_SENT = `SELECT call FROM last_calls WHERE sent_at > $1 ORDER BY sent_at`;
const CLEAN = [
  `DELETE FROM last_calls WHERE expires_at <= ${NOW}`,
  `DELETE FROM large_calls WHERE sent_at < ${NOW} - 60000`,
] as const;

/**
 * Calls by LISTEN and NOTIFY, and a table with the last one of each user; behind a pooler by the table alone.
 *
 * @param schema the store's: stores of one database hear nothing of each other
 * @param prepared resolves once the store's tables are there
 * @returns what is to use a direct connection, and the relay over that
 */
export function createCallRelay(schema: string, prepared: () => Promise<unknown>, listener: RelayListener) {
  const channel = channelOf(schema);
  let joined: DirectSession | undefined;

  function current(): DirectSession {
    if (joined === undefined) throw new DatabaseFailure('lost', 'there is no connection');
    return joined;
  }

  const fault = (cause: unknown) => listener.fault(reasonOf(cause));

  async function takeLarge({ run }: DirectSession, number: string): Promise<void> {
    const [row] = await run(READ_LARGE, [number]);
    if (row !== undefined) listener.take(String(row[0]));
  }

  const user: DirectUser = {
    async begin(session) {
      await prepared();
      const { run, isPooled } = session;
      if (!isPooled) await run(`LISTEN ${channel}`, []);
      const [row] = await run(`SELECT ${NOW}`, []);
      await clean(session);
      joined = session;
      const isCurrent = () => joined === session;
      if (isPooled) void repeat(POLL_MS, isCurrent, poller(session, Number(row?.[0]), listener), fault);
      void repeat(CLEAN_MS, isCurrent, () => clean(session), fault);
      listener.canSend();
      listener.joined();
    },
    lost(failure) {
      joined = undefined;
      fault(failure);
    },
    notice(payload) {
      if (!payload.startsWith(ROW)) listener.take(payload);
      // Where that fails the connection has ended, and cards catch up with the next one.
      else if (joined !== undefined) void takeLarge(joined, payload.slice(ROW.length)).catch(joined.drop);
    },
  };

  const relay: Omit<CallRelay, 'close'> = {
    isJoined: () => joined !== undefined,
    async send({ key, text, at, keptMs }) {
      const sql = Buffer.byteLength(text) <= MOST_BYTES ? SEND : SEND_LARGE;
      try {
        await current().run(sql, [key, at, keptMs, text, channel]);
      } catch (cause) {
        // Of a connection that has ended the user is told.
        if (joined !== undefined) fault(cause);
        throw cause;
      }
    },
    async read(key) {
      const [row] = await current().run(READ_LAST, [key]);
      return row === undefined ? undefined : String(row[0]);
    },
  };
  return { user, relay };
}

/** Of at most 63 bytes, whatever the schema is called. */
export function channelOf(schema: string): string {
  return `callercard_${createHash('sha256').update(schema).digest('hex').slice(0, 32)}`;
}

async function clean({ run }: DirectSession): Promise<void> {
  for (const sql of CLEAN) await run(sql, []);
}

/** Takes what was sent since the last time, some of it again: who has a call knows it by its id. */
function poller({ run }: DirectSession, now: number, listener: RelayListener): () => Promise<void> {
  let since = now;
  return async () => {
    const [row] = await run(`SELECT ${NOW}`, []);
    const next = Number(row?.[0]);
    for (const [call] of await run(READ_SENT, [since - POLL_BACK_MS])) listener.take(String(call));
    // The server's clock may be set back.
    since = next;
  };
}

async function repeat(
  everyMs: number,
  goesOn: () => boolean,
  work: () => Promise<void>,
  failed: (cause: unknown) => void,
): Promise<void> {
  for (;;) {
    await delay(everyMs, undefined, { ref: false });
    if (!goesOn()) return;
    await work().catch((cause: unknown) => {
      if (goesOn()) failed(cause);
    });
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof StoreRefusal) return cause.message;
  return cause instanceof DatabaseFailure ? (cause.code ?? cause.kind) : 'unknown';
}
