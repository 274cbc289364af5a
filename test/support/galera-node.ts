import { existsSync } from 'node:fs';

import { DIALER_LIKE, listeningAt } from './mariadb-server.ts';
import { MariadbdProcess, mariadbSkip } from './mariadbd-process.ts';
import { findProgram, skipWithout } from './programs.ts';
import { runRootSql, type Address } from './root-sql.ts';
import { findServerPort } from './server-port.ts';

/** Where the packages of Debian and of Red Hat put it. */
const PROVIDERS = [
  '/usr/lib/galera/libgalera_smm.so',
  '/usr/lib64/galera-4/libgalera_smm.so',
  '/usr/lib64/galera/libgalera_smm.so',
];
const provider = PROVIDERS.find((path) => existsSync(path));

/** What the transfer of a node's data to another takes. */
const TRANSFER = ['wsrep_sst_rsync', 'rsync', 'ss'];

/** Why tests with a Galera cluster are skipped; false where they run. */
export const galeraSkip =
  mariadbSkip ||
  skipWithout(
    'Galera',
    provider !== undefined && TRANSFER.every((name) => findProgram(name) !== undefined),
    'galera-4 rsync iproute2',
  );

/** A node before it is started: its process and the four ports that it needs. */
export interface Place extends Address {
  readonly mariadbd: MariadbdProcess;
  readonly name: string;
  readonly groupPort: number;
  readonly changesPort: number;
  readonly transferPort: number;
}

export async function findPlace(name: string): Promise<Place> {
  const [port, groupPort, changesPort, transferPort] = await Promise.all([
    findServerPort(),
    findServerPort(),
    findServerPort(),
    findServerPort(),
  ]);
  return {
    mariadbd: new MariadbdProcess(),
    name,
    host: '127.0.0.1',
    port,
    groupPort,
    changesPort,
    transferPort,
  };
}

export function nodeArgs(place: Place, places: readonly Place[]): readonly string[] {
  const group = places.map(({ host, groupPort }) => `${host}:${groupPort}`).join(',');
  return [
    ...DIALER_LIKE,
    ...listeningAt(place),
    '--default-storage-engine=InnoDB',
    '--innodb-buffer-pool-size=32M',
    '--innodb-autoinc-lock-mode=2',
    '--binlog-format=ROW',
    '--wsrep-on=ON',
    `--wsrep-provider=${galeraProvider()}`,
    '--wsrep-cluster-name=callercard',
    `--wsrep-cluster-address=gcomm://${group}`,
    `--wsrep-node-name=${place.name}`,
    `--wsrep-node-address=${place.host}`,
    `--wsrep-node-incoming-address=${place.host}:${place.port}`,
    '--wsrep-sst-method=rsync',
    `--wsrep-sst-receive-address=${place.host}:${place.transferPort}`,
    `--wsrep-provider-options=${providerOptions(place)}`,
  ];
}

/** @throws {Error} Galera is not there */
function galeraProvider(): string {
  if (provider === undefined) throw new Error('Galera is not there: apt-get install galera-4');
  return provider;
}

/** A silent node is expelled after two to four seconds, instead of five to fifteen. */
function providerOptions({ host, groupPort, changesPort }: Place): string {
  return [
    `gmcast.listen_addr=tcp://${host}:${groupPort}`,
    `ist.recv_addr=${host}:${changesPort}`,
    'gcache.size=16M',
    'evs.keepalive_period=PT0.5S',
    'evs.inactive_check_period=PT0.5S',
    'evs.suspect_timeout=PT2S',
    'evs.inactive_timeout=PT4S',
  ].join(';');
}

export async function readStatus(node: Address): Promise<ReadonlyMap<string, string>> {
  const sql = "SHOW STATUS WHERE variable_name LIKE 'wsrep\\_%'";
  const rows = (await runRootSql(node, sql)) as readonly { Variable_name: string; Value: string }[];
  return new Map(rows.map(({ Variable_name: name, Value: value }) => [name, value]));
}

/** Whether a node answers, and has what the others have. */
export async function isSynced(node: Address): Promise<boolean> {
  try {
    const status = await readStatus(node);
    return (
      status.get('wsrep_ready') === 'ON' &&
      status.get('wsrep_cluster_status') === 'Primary' &&
      status.get('wsrep_local_state_comment') === 'Synced'
    );
  } catch {
    return false;
  }
}
