import type { ServerAddress } from '../../config/addresses.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import { serverName, type PoolAddress } from './address.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { openDialerConnection, type DialerConnection } from './connection.ts';
import { dialerFailure, DialerFailureError } from './failure.ts';
import type { Parameter, Row } from './sql.ts';

/** Statements in flight on one connection, at most. */
const PIPELINE_DEPTH = 64;
const SWEEP_MS = 100;
/** Another connection is opened when each has so many statements in flight. */
const GROW_AT = 4;
/**
 * So many statements of one iteration of the event loop go to one connection, in one write, before the next is used: a
 * seventh less of our CPU time than four connections, and the server is as quick.
 */
const BATCH_SIZE = 8;
/** After a connection that could not be had beside others, none is tried for so long: the server may be at its limit. */
const GROW_AGAIN_MS = 1_000;
/** How long a statement waits for its slot. */
export const ACQUIRE_MS = 1_000;
const QUEUE_LIMIT = 1_024;

/** One server of the dialer's database: a few connections behind a circuit breaker. */
export interface DialerServer {
  readonly name: string;
  /** undefined: it is used. */
  readonly failure: DialerFailureError | undefined;
  /** Statements in flight or waiting. */
  readonly load: number;
  /** Open connections. */
  readonly connections: number;
  /** @throws {DialerFailureError} at once while the server counts as failed */
  run(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export function createServer(address: PoolAddress, server: ServerAddress, log: LogStoreEvent): DialerServer {
  const name = serverName(server);
  const slots = createConcurrencyLimit(address.connections * PIPELINE_DEPTH);
  const connections = createConnections(address, server);
  const breaker = createCircuitBreaker({
    probe: () => connections.execute(address.probe, []),
    onFailed: (cause) =>
      log({ level: 'warn', message: `the database server ${name} does not answer and is left out`, cause }),
    onBack: () => log({ level: 'info', message: `the database server ${name} answers again` }),
  });
  const sweep = sweepEvery(SWEEP_MS, (now) => {
    slots.expire(now);
    connections.checkSilence(now);
  });

  function throwIfFailed(): void {
    const failure = breaker.failure();
    if (failure !== undefined) throw failure;
  }

  async function runInSlot(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    try {
      // It may have failed while this waited for its slot.
      throwIfFailed();
      const rows = await connections.execute(sql, parameters);
      breaker.noteAnswer();
      return rows;
    } catch (cause) {
      const failure = dialerFailure(cause, name);
      breaker.noteFailure(failure);
      throw failure;
    } finally {
      slots.release();
    }
  }

  return {
    name,
    get failure() {
      return breaker.failure();
    },
    get load() {
      return slots.count();
    },
    get connections() {
      return connections.count;
    },
    async run(sql, parameters) {
      throwIfFailed();
      await slots.acquire(name);
      return runInSlot(sql, parameters);
    },
    async close() {
      breaker.close();
      await connections.end();
      clearInterval(sweep);
    },
  };
}

/** Each time after pending input was read: a pause of this process is no silence of the server. */
function sweepEvery(milliseconds: number, sweep: (now: number) => void): NodeJS.Timeout {
  return setInterval(() => setImmediate(() => sweep(performance.now())), milliseconds).unref();
}

/** The connections to one server, opened on demand up to the number of the settings. */
function createConnections(address: PoolAddress, server: ServerAddress) {
  const connections = new Set<DialerConnection>();
  let opening: Promise<DialerConnection> | undefined;
  let growAfter = -Infinity;
  let isEnded = false;

  function open(): Promise<DialerConnection> {
    opening ??= openDialerConnection(address, server)
      .then((connection) => {
        connections.add(connection);
        return connection;
      })
      .finally(() => {
        opening = undefined;
      });
    return opening;
  }

  /** In the background: while other connections work, one that cannot be opened is no failure of the server. */
  function grow(): void {
    if (connections.size >= address.connections || performance.now() < growAfter) return;
    void open().catch(() => {
      growAfter = performance.now() + GROW_AGAIN_MS;
    });
  }

  /** The connection that is collecting a batch, or the one with the fewest statements in flight. */
  function pick(): DialerConnection | undefined {
    let best: DialerConnection | undefined;
    for (const connection of connections) {
      if (connection.isLost) connections.delete(connection);
      else if (best === undefined || comesBefore(connection, best)) best = connection;
    }
    return best;
  }

  return {
    async execute(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
      if (isEnded) throw new DialerFailureError('lost', `${serverName(server)}: not in use any more`);
      const connection = pick();
      if (connection === undefined) return (await open()).execute(sql, parameters);
      if (connection.inFlight >= GROW_AT) grow();
      return connection.execute(sql, parameters);
    },
    get count() {
      return connections.size;
    },
    checkSilence(now: number): void {
      for (const connection of connections) connection.checkSilence(now);
    },
    async end(): Promise<void> {
      isEnded = true;
      await opening?.catch(() => undefined);
      await Promise.all([...connections].map((connection) => connection.end()));
    },
  };
}

function comesBefore(one: DialerConnection, other: DialerConnection): boolean {
  const isBatching = hasOpenBatch(one);
  return isBatching === hasOpenBatch(other) ? one.inFlight < other.inFlight : isBatching;
}

function hasOpenBatch({ batched }: DialerConnection): boolean {
  return batched > 0 && batched < BATCH_SIZE;
}

interface Waiting {
  readonly since: number;
  readonly name: string;
  readonly resolve: () => void;
  readonly reject: (failure: DialerFailureError) => void;
}

/** Bounds the statements in flight: the rest waits in order, and not for long. */
export function createConcurrencyLimit(limit: number) {
  let free = limit;
  const queue: Waiting[] = [];
  return {
    /** @throws {DialerFailureError} of kind `busy` */
    async acquire(name: string): Promise<void> {
      if (free > 0) {
        free -= 1;
        return;
      }
      if (queue.length >= QUEUE_LIMIT) throw busy(name);
      await new Promise<void>((resolve, reject) => {
        queue.push({ since: performance.now(), name, resolve, reject });
      });
    },
    release(): void {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next.resolve();
    },
    /** How many are acquired or waited for. */
    count: () => limit - free + queue.length,
    /** Fails those that waited too long; to be called periodically. */
    expire(now: number): void {
      while (queue[0] !== undefined && now - queue[0].since > ACQUIRE_MS) {
        const late = queue.shift();
        late?.reject(busy(late.name));
      }
    },
  };
}

function busy(name: string): DialerFailureError {
  return new DialerFailureError('busy', `${name}: too many statements wait`);
}
