import type { ServerAddress } from '../../config/database-address.ts';
import type { DialerAddress } from './dialer-address.ts';
import { openDialerConnection, type DialerConnection } from './dialer-connection.ts';

/** Another connection is opened when each of them has so many statements under way. */
const GROW_AT = 4;

/** The connections to one server: opened when they are needed, up to the number that the settings allow. */
export interface DialerConnections {
  /**
   * The one with the least to do.
   *
   * @throws {DialerFailureError} there is none, and none can be had
   */
  pick(): DialerConnection | Promise<DialerConnection>;
  /** A new one. */
  open(): Promise<DialerConnection>;
  checkSilence(now: number): void;
  end(): Promise<void>;
}

export function createDialerConnections(address: DialerAddress, server: ServerAddress): DialerConnections {
  const connections = new Set<DialerConnection>();
  let opening: Promise<DialerConnection> | undefined;

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

  return {
    open,
    pick() {
      let best: DialerConnection | undefined;
      for (const connection of connections) {
        if (connection.isLost) connections.delete(connection);
        else if (best === undefined || connection.underWay < best.underWay) best = connection;
      }
      if (best === undefined) return open();
      if (best.underWay >= GROW_AT && connections.size < address.connections) {
        // Beside the work: while others carry it, one that cannot be had is no fault of the server.
        void open().catch(() => undefined);
      }
      return best;
    },
    checkSilence(now) {
      for (const connection of connections) connection.checkSilence(now);
    },
    async end() {
      await opening?.catch(() => undefined);
      await Promise.all([...connections].map((connection) => connection.end()));
    },
  };
}
