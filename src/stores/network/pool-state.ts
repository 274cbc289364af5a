import type { PoolState } from '../../core/store.ts';
import type { DatabasePool } from './pool.ts';

/** What is counted of a pool's servers. */
export function poolStateOf({ servers }: Pick<DatabasePool, 'servers'>): PoolState {
  return {
    connections: sumOf(servers, ({ connections }) => connections),
    statements: sumOf(servers, ({ load }) => load),
    servers: servers.length,
    failedServers: sumOf(servers, ({ failure }) => (failure === undefined ? 0 : 1)),
  };
}

function sumOf<Item>(items: readonly Item[], amountOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + amountOf(item), 0);
}
