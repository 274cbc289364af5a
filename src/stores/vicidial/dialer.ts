import type { LogStoreEvent } from '../../core/store.ts';
import type { DialerAddress } from './dialer-address.ts';
import type { Parameter, Row } from './parameter.ts';
import { DialerFailureError, type FailureKind } from './dialer-failure.ts';
import { createDialerServer, type DialerServer } from './dialer-server.ts';

/** A read is tried on another server, or once more on the same, as long as it has taken less than this. */
const RETRY_WITHIN_MS = 1_700;

/** After these another server, or another connection, may well have the answer. */
const WORTH_ANOTHER: ReadonlySet<FailureKind> = new Set(['unreachable', 'lost', 'not ready', 'silent']);

/** The dialer's database, whichever of its servers answers. */
export interface Dialer {
  readonly servers: readonly DialerServer[];
  /**
   * Reads: from the server with the least to do, leaving out those that failed.
   *
   * @throws {DialerFailureError} at once when no server can be counted on
   */
  readonly read: (sql: string, parameters: readonly Parameter[]) => Promise<readonly Row[]>;
  /** Writes, on one server and never twice. */
  write(sql: string, parameters: readonly Parameter[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * The server with the least to do of those that can be counted on, so that one that stands still, before that is known,
 * keeps few; equals take turns. One that was tried already comes only if there is no other.
 */
export function chooseServer<Server extends Pick<DialerServer, 'failure' | 'underWay'>>(
  servers: readonly Server[],
  tried: ReadonlySet<Server>,
  turn: number,
): Server | undefined {
  const loadOf = (server: Server) => (tried.has(server) ? Infinity : server.underWay);
  let best: Server | undefined;
  for (let step = 0; step < servers.length; step += 1) {
    const server = servers[(turn + step) % servers.length];
    if (server === undefined || server.failure !== undefined) continue;
    if (best === undefined || loadOf(server) < loadOf(best)) best = server;
  }
  return best;
}

const NOT_TRIED: ReadonlySet<DialerServer> = new Set();

export function createDialer(address: DialerAddress, tell: LogStoreEvent): Dialer {
  const servers = address.servers.map((server) => createDialerServer(address, server, tell));
  let turn = 0;

  function next(tried: ReadonlySet<DialerServer>): DialerServer | undefined {
    turn += 1;
    return chooseServer(servers, tried, turn);
  }

  function noServer(): DialerFailureError {
    return (
      servers.find(({ failure }) => failure !== undefined)?.failure ??
      new DialerFailureError('busy', 'no server')
    );
  }

  function read(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    const started = performance.now();
    const server = next(NOT_TRIED);
    if (server === undefined) return Promise.reject(noServer());
    const again = (cause: unknown) => readAgain(sql, parameters, started, { server, cause });
    return server.run(sql, parameters).catch(again);
  }

  /** Each other server once, and one more time the only one there is, whose connection may just have been an old one. */
  async function readAgain(
    sql: string,
    parameters: readonly Parameter[],
    started: number,
    failed: { readonly server: DialerServer; readonly cause: unknown },
  ): Promise<readonly Row[]> {
    const tried = new Set([failed.server]);
    let { cause } = failed;
    for (let attempt = 1; attempt <= servers.length; attempt += 1) {
      const { kind } = cause as DialerFailureError;
      if (performance.now() - started > RETRY_WITHIN_MS || !WORTH_ANOTHER.has(kind)) throw cause;
      const server = next(tried);
      if (server === undefined) throw noServer();
      try {
        return await server.run(sql, parameters);
      } catch (failure) {
        cause = failure;
        tried.add(server);
      }
    }
    throw cause;
  }

  return {
    servers,
    read,
    async write(sql, parameters) {
      const server = next(NOT_TRIED);
      if (server === undefined) throw noServer();
      await server.run(sql, parameters);
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
