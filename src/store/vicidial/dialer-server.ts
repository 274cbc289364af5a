import type { ServerAddress } from '../../config/database-address.ts';
import type { TellStoreEvent } from '../store-event.ts';
import { serverName, type DialerAddress } from './dialer-address.ts';
import {
  openDialerConnection,
  type DialerConnection,
  type Parameter,
  type Row,
} from './dialer-connection.ts';
import { DialerFailureError, dialerFailure } from './dialer-failure.ts';
import { createPlaces } from './places.ts';

/** Another connection is opened when each of them has so many statements under way. */
const GROW_AT = 4;
/** Statements under way on one connection, at most. */
const DEPTH = 64;
const SWEEP_MS = 100;
/** How often a server that failed is tried again. */
export const PROBE_MS = 250;
/** So many statements given up for their time, none answered between them, and the server counts as failed. */
const SLOW_LIMIT = 3;

/** One server of the dialer's database: a few connections, and whether it can be counted on. */
export interface DialerServer {
  readonly name: string;
  /** undefined: it is counted on. */
  readonly failure: DialerFailureError | undefined;
  /** @throws {DialerFailureError} at once when the server counts as failed */
  run(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export function createDialerServer(
  address: DialerAddress,
  server: ServerAddress,
  tell: TellStoreEvent,
): DialerServer {
  const name = serverName(server);
  const places = createPlaces(address.connections * DEPTH);
  const connections = new Set<DialerConnection>();
  let opening: Promise<DialerConnection> | undefined;
  let failure: DialerFailureError | undefined;
  let slowInARow = 0;
  let isClosed = false;
  let probing: NodeJS.Timeout | undefined;
  const sweep = setInterval(() => {
    const now = performance.now();
    places.expire(now);
    for (const connection of connections) connection.checkSilence(now);
  }, SWEEP_MS);
  sweep.unref();

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

  async function pick(): Promise<DialerConnection> {
    let best: DialerConnection | undefined;
    for (const connection of connections) {
      if (connection.isLost) connections.delete(connection);
      else if (best === undefined || connection.underWay < best.underWay) best = connection;
    }
    if (best === undefined) return open();
    if (best.underWay >= GROW_AT && connections.size < address.connections) {
      // One more beside the work; while others carry it, one that cannot be had is no fault of the server.
      void open().catch(() => undefined);
    }
    return best;
  }

  async function attempt(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    try {
      const connection = await pick();
      const rows = await connection.execute(sql, parameters);
      slowInARow = 0;
      return rows;
    } catch (cause) {
      const found = dialerFailure(cause, name);
      note(found);
      throw found;
    }
  }

  function note(found: DialerFailureError): void {
    slowInARow = found.kind === 'slow' ? slowInARow + 1 : slowInARow;
    const isDown =
      found.kind === 'unreachable' ||
      found.kind === 'not ready' ||
      found.kind === 'silent' ||
      slowInARow >= SLOW_LIMIT;
    if (!isDown || failure !== undefined || isClosed) return;
    failure = found;
    tell({
      level: 'warn',
      message: `the database server ${name} does not answer and is left out`,
      cause: found,
    });
    probing = setTimeout(() => void probe(), PROBE_MS);
    probing.unref();
  }

  async function probe(): Promise<void> {
    try {
      const connection = await open();
      await connection.execute(address.probe, []);
      failure = undefined;
      slowInARow = 0;
      tell({ level: 'info', message: `the database server ${name} answers again` });
    } catch {
      if (isClosed) return;
      probing = setTimeout(() => void probe(), PROBE_MS);
      probing.unref();
    }
  }

  return {
    name,
    get failure() {
      return failure;
    },
    async run(sql, parameters) {
      if (failure !== undefined) throw failure;
      await places.take(name);
      try {
        return await attempt(sql, parameters);
      } finally {
        places.giveBack();
      }
    },
    async close() {
      isClosed = true;
      clearTimeout(probing);
      await opening?.catch(() => undefined);
      await Promise.all([...connections].map((connection) => connection.end()));
      clearInterval(sweep);
    },
  };
}
