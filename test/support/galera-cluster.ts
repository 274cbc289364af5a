import { setTimeout as pause } from 'node:timers/promises';

import { findPlace, isSynced, nodeArgs, readStatus, type Place } from './galera-node.ts';
import { controlsOf, type MariadbServer } from './mariadb-server.ts';
import type { Address } from './root-sql.ts';

export { galeraSkip } from './galera-node.ts';

/** `restart` joins again what is left of the cluster: another node must run. */
export interface GaleraNode extends MariadbServer {
  /** How many nodes it sees, itself included. */
  clusterSize(): Promise<number>;
  /** Whether it answers, and has what the others have. */
  isSynced(): Promise<boolean>;
}

export interface GaleraCluster {
  readonly nodes: readonly [GaleraNode, GaleraNode, GaleraNode];
  stop(): Promise<void>;
}

/**
 * Starts three nodes that hold the same (empty) databases; tables must be InnoDB. Takes about ten seconds: the others
 * get their data from the first, one after the other.
 */
export async function startGalera(): Promise<GaleraCluster> {
  const places = await Promise.all([findPlace('one'), findPlace('two'), findPlace('three')]);
  const [first, ...others] = places;
  await first.mariadbd.install();
  await startNode(first, places, '--wsrep-new-cluster');
  for (const place of others) {
    place.mariadbd.makeFolder();
    await startNode(place, places);
  }
  const [one, two, three] = places;
  const node = (place: Place) => controlsOfNode(place, places);
  return {
    nodes: [node(one), node(two), node(three)],
    stop: async () => {
      await Promise.all(places.map(({ mariadbd }) => mariadbd.stop()));
    },
  };
}

function startNode(place: Place, places: readonly Place[], ...more: readonly string[]): Promise<void> {
  return place.mariadbd.start([...nodeArgs(place, places), ...more], () => isSynced(place));
}

function controlsOfNode(place: Place, places: readonly Place[]): GaleraNode {
  const { mariadbd } = place;
  const others = places.filter((other) => other !== place);
  const restart = async () => {
    // Two of the same address, one not yet missed: the others would have to wait out both, or fall apart.
    await until(`${place.port} is expelled`, () => isForgotten(place, others));
    // After a kill the node does not know how far it came, and would fetch everything; its tables know.
    const said = await mariadbd.runOnce([...nodeArgs(place, places), '--wsrep-recover', '--skip-networking']);
    const position = /Recovered position: (\S+)/.exec(said)?.[1];
    if (position === undefined) throw new Error(`no position was recovered:\n${said}`);
    await startNode(place, places, `--wsrep-start-position=${position}`);
  };
  return {
    ...controlsOf(mariadbd, place, restart),
    get pid() {
      return mariadbd.pid;
    },
    clusterSize: async () => Number((await readStatus(place)).get('wsrep_cluster_size')),
    isSynced: () => isSynced(place),
  };
}

/** Whether a node that is gone is no member any more, as the first of the others says that answers. */
async function isForgotten({ host, port }: Address, others: readonly Address[]): Promise<boolean> {
  for (const other of others) {
    const members = (await readStatus(other).catch(() => undefined))?.get('wsrep_incoming_addresses');
    if (members !== undefined) return !members.split(',').includes(`${host}:${port}`);
  }
  return false;
}

/** Longer than a node takes to be expelled, or to come back, on a busy machine. */
const CHANGE_MS = 60_000;

/** Waits until a node is in step with the others, as after `thaw`. */
export async function untilSynced(node: GaleraNode): Promise<void> {
  await until(`${node.port} is synced`, () => node.isSynced());
}

/** Waits until a node sees so many nodes, itself included. */
export async function untilClusterSize(node: GaleraNode, size: number): Promise<void> {
  await until(`${node.port} sees ${size} nodes`, async () => (await node.clusterSize()) === size);
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const latest = Date.now() + CHANGE_MS;
  while (!(await holds())) {
    if (Date.now() > latest) throw new Error(`not within ${CHANGE_MS} ms: ${what}`);
    await pause(20);
  }
}
