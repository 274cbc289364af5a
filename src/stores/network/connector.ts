import type { Socket } from 'node:net';

import type { ServerAddress } from '../../config/addresses.ts';
import type { DatabaseFailure } from './failure.ts';

/** What is ever bound to a placeholder: MariaDB takes a 0 or `false` for a text that it equals in SQL. */
export type Parameter = string | number | bigint | null;
export type Row = readonly unknown[];
export type Read = (sql: string, parameters: readonly Parameter[]) => Promise<readonly Row[]>;

/** How the servers of a database are reached. */
export interface PoolAddress {
  readonly servers: readonly ServerAddress[];
  /** To each of them, at most. */
  readonly connections: number;
  /** A statement that reads what every request reads: a server that cannot answer it does not count as back. */
  readonly probe: string;
  /** @throws {DatabaseFailure} of kind `unreachable` */
  readonly open: (server: ServerAddress) => Promise<OpenConnection>;
  /** Connections to a server that others use as well; undefined: those of the pool are its own. */
  readonly join?: (server: ServerAddress) => ServerConnections;
  /** What an error of the connector means. Its own text is left behind where it may hold the statement. */
  readonly explain: (cause: unknown, server: string) => DatabaseFailure;
}

/** What runs statements on connections to one server. */
export interface ServerConnections {
  readonly execute: Read;
  /** Of the connections that are open, those of this user. */
  readonly count: number;
  /** Gives up what hangs; to be called periodically. */
  checkSilence(now: number): void;
  end(): Promise<void>;
}

/** A connection of a connector's, which answers statements in the order in which they are sent. */
export interface OpenConnection {
  /** Beneath it: what is written in one iteration of the event loop leaves in one write. */
  readonly socket: Socket;
  readonly execute: Read;
  /** @param lost hears why it ended: an error of the connector, or undefined */
  onLost(lost: (cause: unknown) => void): void;
  end(): Promise<void>;
}

/** For people: `host:port`. */
export function serverName({ host, port }: ServerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
