import type { LogStoreEvent } from '../../core/store.ts';
import type { PoolAddress } from './address.ts';
import { DialerFailureError, type FailureKind } from './failure.ts';
import { createServer, type DialerServer } from './server.ts';
import type { Parameter, Row } from './sql.ts';

/** A read is retried only within this time. */
const RETRY_WITHIN_MS = 1_700;

/** After these another server, or another connection, may well have the answer. */
const RETRIED: ReadonlySet<FailureKind> = new Set(['unreachable', 'lost', 'not ready', 'silent']);

/** The servers of the dialer's database. */
export interface DialerPool {
  readonly servers: readonly DialerServer[];
  /**
   * Reads from the server with the lowest load; one that fails is replaced by another.
   *
   * @throws {DialerFailureError} at once when every server counts as failed
   */
  readonly read: (sql: string, parameters: readonly Parameter[]) => Promise<readonly Row[]>;
  /** Writes, on one server and never twice. */
  write(sql: string, parameters: readonly Parameter[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * The server with the lowest load of those that have not failed, so that one that hangs gets few statements before it is
 * known to hang. Equals take turns; a server that was tried already comes last.
 *
 * @param rotation a number that grows by one for each choice
 */
export function chooseServer<Server extends Pick<DialerServer, 'failure' | 'load'>>(
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

export function createPool(address: PoolAddress, log: LogStoreEvent): DialerPool {
  const servers = address.servers.map((server) => createServer(address, server, log));
  let rotation = 0;

  /** @throws {DialerFailureError} every server has failed */
  function next(tried: ReadonlySet<DialerServer>): DialerServer {
    rotation += 1;
    const server = chooseServer(servers, tried, rotation);
    if (server !== undefined) return server;
    const failed = servers.find(({ failure }) => failure !== undefined);
    throw failed?.failure ?? new DialerFailureError('busy', 'no server');
  }

  return {
    servers,
    /** Each server once; a lone server twice, because its connection may have ended unnoticed. */
    async read(sql, parameters) {
      const started = performance.now();
      const tried = new Set<DialerServer>();
      for (let attempt = 0; ; attempt += 1) {
        const server = next(tried);
        try {
          return await server.run(sql, parameters);
        } catch (cause) {
          const isLate = performance.now() - started > RETRY_WITHIN_MS;
          if (attempt >= servers.length || isLate || !isRetried(cause)) throw cause;
          tried.add(server);
        }
      }
    },
    async write(sql, parameters) {
      await next(new Set()).run(sql, parameters);
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

function isRetried(cause: unknown): boolean {
  return cause instanceof DialerFailureError && RETRIED.has(cause.kind);
}
