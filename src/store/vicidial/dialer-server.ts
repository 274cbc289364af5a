import type { ServerAddress } from '../../config/database-address.ts';
import type { TellStoreEvent } from '../store-event.ts';
import { createBreaker } from './breaker.ts';
import { serverName, type DialerAddress } from './dialer-address.ts';
import type { Parameter, Row } from './dialer-connection.ts';
import { createDialerConnections } from './dialer-connections.ts';
import { dialerFailure, type DialerFailureError } from './dialer-failure.ts';
import { createPlaces } from './places.ts';

/** Statements under way on one connection, at most. */
const DEPTH = 64;
const SWEEP_MS = 100;

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
  const connections = createDialerConnections(address, server);
  const breaker = createBreaker({
    async probe() {
      const connection = await connections.open();
      await connection.execute(address.probe, []);
    },
    onFailed: (cause) =>
      tell({ level: 'warn', message: `the database server ${name} does not answer and is left out`, cause }),
    onBack: () => tell({ level: 'info', message: `the database server ${name} answers again` }),
  });
  const sweep = setInterval(() => {
    const now = performance.now();
    places.expire(now);
    connections.checkSilence(now);
  }, SWEEP_MS);
  sweep.unref();

  async function attempt(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    try {
      const connection = await connections.pick();
      const rows = await connection.execute(sql, parameters);
      breaker.noteAnswer();
      return rows;
    } catch (cause) {
      const failure = dialerFailure(cause, name);
      breaker.noteFailure(failure);
      throw failure;
    }
  }

  return {
    name,
    get failure() {
      return breaker.failure();
    },
    async run(sql, parameters) {
      const failure = breaker.failure();
      if (failure !== undefined) throw failure;
      await places.take(name);
      try {
        return await attempt(sql, parameters);
      } finally {
        places.giveBack();
      }
    },
    async close() {
      breaker.close();
      await connections.end();
      clearInterval(sweep);
    },
  };
}
