import type { ServerAddress } from '../../config/addresses.ts';
import { serverName, type DialerAddress } from './dialer-address.ts';
import { openDialerConnection, type DialerConnection } from './dialer-connection.ts';
import { DialerFailureError } from './dialer-failure.ts';

/** Another connection is opened when each of them has so many statements under way. */
const GROW_AT = 4;
/**
 * So many statements of one turn of the event loop go to one connection before the next is taken, in one write: for turns of
 * eight, a seventh less of our CPU time than spread over four connections, and the server works them off as soon.
 */
const TOGETHER = 8;
/** After one that could not be had beside the others, so long none is asked for: the server may have none to give. */
const GROW_AGAIN_MS = 1_000;

/** The connections to one server: opened when they are needed, up to the number that the settings allow. */
export interface DialerConnections {
  /** The one that gathers statements, or the one with the least to do; rejects with a DialerFailureError when there is none, and none can be had. */
  pick(): DialerConnection | Promise<DialerConnection>;
  readonly count: number;
  checkSilence(now: number): void;
  end(): Promise<void>;
}

export function createDialerConnections(address: DialerAddress, server: ServerAddress): DialerConnections {
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

  /** Beside the work: while others carry it, one that cannot be had is no fault of the server. */
  function grow(): void {
    if (connections.size >= address.connections || performance.now() < growAfter) return;
    void open().catch(() => {
      growAfter = performance.now() + GROW_AGAIN_MS;
    });
  }

  return {
    pick() {
      if (isEnded) {
        return Promise.reject(new DialerFailureError('lost', `${serverName(server)}: not in use any more`));
      }
      let best: DialerConnection | undefined;
      for (const connection of connections) {
        if (connection.isLost) connections.delete(connection);
        else if (best === undefined || comesBefore(connection, best)) best = connection;
      }
      if (best === undefined) return open();
      if (best.underWay >= GROW_AT) grow();
      return best;
    },
    get count() {
      return connections.size;
    },
    checkSilence(now) {
      for (const connection of connections) connection.checkSilence(now);
    },
    async end() {
      isEnded = true;
      await opening?.catch(() => undefined);
      await Promise.all([...connections].map((connection) => connection.end()));
    },
  };
}

function comesBefore(one: DialerConnection, other: DialerConnection): boolean {
  const gathers = isGathering(one);
  return gathers === isGathering(other) ? one.underWay < other.underWay : gathers;
}

function isGathering({ gathered }: DialerConnection): boolean {
  return gathered > 0 && gathered < TOGETHER;
}
