import type { ServerAddress } from '../../config/addresses.ts';
import { serverName } from '../network/connector.ts';
import { createTimelines, type Timelines } from './open-connection.ts';
import { SharedConnections } from './shared-connections.ts';
import { SharedTransactions } from './shared-transactions.ts';

/** What the stores of one process share, of those whose settings reach the same database in the same way. */
export type SharedServers = ReturnType<typeof createSharedServers>;

/** Opens nothing. What has nobody left has no connection left. */
export function createSharedServers() {
  const connections = new Map<string, SharedConnections>();
  const transactions = new Map<string, SharedTransactions>();
  const timelines = new Map<string, Timelines>();
  return {
    /** @param login all by which a connection is made, but the schema, and for what */
    connectionsTo(server: ServerAddress, login: string): SharedConnections {
      return ofKey(connections, `${serverName(server)} ${login}`, () => new SharedConnections(server));
    },
    transactionsOf(login: string): SharedTransactions {
      return ofKey(transactions, login, () => new SharedTransactions());
    },
    timelinesOf(login: string): Timelines {
      return ofKey(timelines, login, createTimelines);
    },
  };
}

function ofKey<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}
