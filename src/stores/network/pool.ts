import type { ServerAddress } from '../../config/addresses.ts';
import { BoundedMap } from '../../core/bounded-map.ts';
import { StoreFailure } from '../../core/lead-store.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import { createConnections } from './connection.ts';
import { type PoolAddress, type Read, serverName } from './connector.ts';
import { DatabaseFailure, type FailureKind } from './failure.ts';

/** A read is retried only within this time. */
export const RETRY_WITHIN_MS = 1_700;

/** After these another server, or another connection, may well have the answer. */
const RETRIED: ReadonlySet<FailureKind> = new Set(['unreachable', 'lost', 'not ready', 'silent']);

/**
 * The server with the lowest load of those that have not failed, so that one that hangs gets few statements before it is
 * known to hang. Equals take turns; a server that was tried already comes last.
 *
 * @param rotation a number that grows by one for each choice
 */
export function chooseServer<Server extends Pick<DatabaseServer, 'failure' | 'load'>>(
  servers: readonly Server[],
  tried: ReadonlySet<Server>,
  rotation: number,
): Server | undefined {
  const loadOf = (server: Server) => (tried.has(server) ? Infinity : server.load);
  let best: Server | undefined;
  for (let step = 0; step < servers.length; step += 1) {
    const server = servers[(rotation + step) % servers.length];
    if (server === undefined || server.failure !== undefined) continue;
    if (best === undefined || loadOf(server) < loadOf(best)) best = server;
  }
  return best;
}

export type SharedNumbers = ReturnType<typeof createSharedNumbers>;
export type DatabasePool = ReturnType<typeof createPool>;

/** The servers of a database. Statements throw DatabaseFailure at once when every server counts as failed. */
export function createPool(address: PoolAddress, log: LogStoreEvent) {
  const servers = address.servers.map((server) => createServer(address, server, log));
  let rotation = 0;

  function next(tried: ReadonlySet<DatabaseServer>): DatabaseServer {
    rotation += 1;
    const server = chooseServer(servers, tried, rotation);
    if (server !== undefined) return server;
    const failed = servers.find(({ failure }) => failure !== undefined);
    throw failed?.failure ?? new DatabaseFailure('busy', 'no server');
  }

  /** Makes one attempt more than there are servers, because a connection may have ended unnoticed. */
  const read: Read = async (sql, parameters) => {
    const started = performance.now();
    const tried = new Set<DatabaseServer>();
    for (let attempt = 0; ; attempt += 1) {
      const server = next(tried);
      try {
        return await server.run(sql, parameters);
      } catch (cause) {
        const isLate = performance.now() - started > RETRY_WITHIN_MS;
        const isRetried = cause instanceof DatabaseFailure && RETRIED.has(cause.kind);
        if (attempt >= servers.length || isLate || !isRetried) throw cause;
        tried.add(server);
      }
    }
  };
  /** Writes on one server and never twice. */
  const write: Read = async (sql, parameters) => next(new Set()).run(sql, parameters);

  return {
    servers,
    read,
    write,
    async close(): Promise<void> {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** Statements in flight that a server may have for each of its connections. */
const PIPELINE_DEPTH = 64;
const SWEEP_MS = 100;
/** How long a statement waits for its slot. */
export const ACQUIRE_MS = 1_000;
export const QUEUE_LIMIT = 1_024;

export type DatabaseServer = ReturnType<typeof createServer>;

/** One server of a database: a few connections behind a circuit breaker. */
export function createServer(address: PoolAddress, server: ServerAddress, log: LogStoreEvent) {
  const name = serverName(server);
  const slots = createConcurrencyLimit(address.connections * PIPELINE_DEPTH);
  const connections = address.join?.(server) ?? createConnections(address, server);
  const breaker = createCircuitBreaker({
    probe: () => connections.execute(address.probe, []),
    onFailed: (cause) =>
      log({ level: 'warn', message: `the database server ${name} failed and is left out`, cause }),
    onBack: () => log({ level: 'info', message: `the database server ${name} answers again` }),
  });
  function sweep(): void {
    const now = performance.now();
    slots.expire(now);
    connections.checkSilence(now);
  }

  // After pending input was read: a pause of this process is no silence of the server.
  const timer = setInterval(() => setImmediate(sweep), SWEEP_MS).unref();

  function throwIfFailed(): void {
    const failure = breaker.failure();
    if (failure !== undefined) throw failure;
  }

  /** Throws DatabaseFailure at once while the server counts as failed. */
  const run: Read = async (sql, parameters) => {
    throwIfFailed();
    await slots.acquire(name);
    try {
      // It may have failed while this waited for its slot.
      throwIfFailed();
      const rows = await connections.execute(sql, parameters);
      breaker.noteAnswer();
      return rows;
    } catch (cause) {
      const failure = address.explain(cause, name);
      breaker.noteFailure(failure);
      throw failure;
    } finally {
      slots.release();
    }
  };

  return {
    name,
    run,
    /** undefined: it is used. */
    get failure() {
      return breaker.failure();
    },
    /** Statements in flight or waiting. */
    get load() {
      return slots.count();
    },
    get connections() {
      return connections.count;
    },
    async close() {
      breaker.close();
      await connections.end();
      clearInterval(timer);
    },
  };
}

/** Bounds the statements in flight: the rest waits in order, and not for long. */
export function createConcurrencyLimit(limit: number) {
  let free = limit;
  const queue: (PromiseWithResolvers<undefined> & { since: number; name: string })[] = [];
  return {
    /** @throws {DatabaseFailure} of kind `busy` */
    async acquire(name: string): Promise<void> {
      if (free > 0) {
        free -= 1;
        return;
      }
      if (queue.length >= QUEUE_LIMIT) throw busy(name);
      const waiting = Promise.withResolvers<undefined>();
      queue.push({ ...waiting, since: performance.now(), name });
      await waiting.promise;
    },
    release(): void {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next.resolve(undefined);
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

export function busy(name: string): DatabaseFailure {
  return new DatabaseFailure('busy', `${name}: too many statements wait`);
}

/** So many may wait for the statement of a shared number, and not for longer. */
export const SHARED_WAITING = 16;
const SHARED_WAIT_MS = 1_000;
/** For so long a number is known as shared, so that its leads are not read to find that out. */
const SHARED_KNOWN_MS = 60_000;
const SHARED_KNOWN_LIMIT = 1_000;

/**
 * Numbers that very many leads share: their statements run one at a time, because each takes as long as dozens of others, which
 * would wait behind it on every connection.
 */
export function createSharedNumbers() {
  const known = new BoundedMap<string, number>(SHARED_KNOWN_LIMIT);
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  function note(key: string): void {
    known.set(key, performance.now() + SHARED_KNOWN_MS);
  }

  return {
    isKnown: (key: string) => performance.now() < (known.get(key) ?? 0),
    note,
    /** @throws {DatabaseFailure} of kind `busy`: too many wait, or this one has waited too long */
    async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
      note(key);
      if (waiting > SHARED_WAITING) throw busy('numbers that very many leads share');
      waiting += 1;
      const since = performance.now();
      const result = last.then(() => {
        if (performance.now() - since > SHARED_WAIT_MS) throw busy('numbers that very many leads share');
        return work();
      });
      last = result.catch(() => undefined);
      try {
        return await result;
      } finally {
        waiting -= 1;
      }
    },
  };
}

/** How often a failed server is probed. */
const PROBE_MS = 250;
/** So many statements that time out, with no successful one between them, open the circuit. */
const SLOW_LIMIT = 3;

/** One of these opens the circuit at once. */
const OPENS_CIRCUIT: ReadonlySet<FailureKind> = new Set(['unreachable', 'not ready', 'silent']);

/**
 * Leaves a failed server out, and probes it until it answers.
 *
 * @param actions.probe runs the address's probe statement; rejects while the server cannot answer it
 */
export function createCircuitBreaker(actions: {
  probe(): Promise<unknown>;
  onFailed(failure: DatabaseFailure): void;
  onBack(): void;
}) {
  let failure: DatabaseFailure | undefined;
  let slowInARow = 0;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  function probeLater(): void {
    if (isClosed) return;
    timer = setTimeout(() => void actions.probe().then(recover, probeLater), PROBE_MS).unref();
  }

  function recover(): void {
    failure = undefined;
    slowInARow = 0;
    if (!isClosed) actions.onBack();
  }

  return {
    /** undefined: the server is used. */
    failure: () => failure,
    noteAnswer(): void {
      slowInARow = 0;
    },
    noteFailure(found: DatabaseFailure): void {
      if (failure !== undefined || isClosed) return;
      if (found.kind === 'slow') slowInARow += 1;
      if (!OPENS_CIRCUIT.has(found.kind) && slowInARow < SLOW_LIMIT) return;
      failure = found;
      actions.onFailed(found);
      probeLater();
    },
    close(): void {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** Work for a port of a store. @throws {StoreFailure} whatever goes wrong */
export async function withStoreFailure<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw new StoreFailure(cause);
  }
}
