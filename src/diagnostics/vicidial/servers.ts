import type { MariadbAddress } from '../../config/addresses.ts';
import type { DatabaseTls } from '../../config/settings.ts';
import type { Inspection } from '../../core/store.ts';
import type { DatabasePool, DatabaseServer } from '../../stores/network/pool.ts';
import { explainFailure } from './connection-failure.ts';
import { advise, ok, problem } from '../inspection.ts';

/** SHOW and no SELECT: a cluster's node that is out of step answers nothing else. */
const VARIABLES = "SHOW VARIABLES WHERE Variable_name IN ('version', 'wsrep_on')";
const STATUS = `SHOW SESSION STATUS WHERE Variable_name IN
  ('Ssl_cipher', 'wsrep_ready', 'wsrep_cluster_status', 'wsrep_cluster_size', 'wsrep_local_state_comment')`;

/** The oldest MariaDB, and MySQL, that callercard is meant for. */
const OLDEST = { MariaDB: [10, 2], MySQL: [5, 7] } as const;

/** Each server of an address by itself, whether the others answer or not. */
export async function* inspectServers(
  address: MariadbAddress,
  databaseTls: DatabaseTls,
  { servers }: Pick<DatabasePool, 'servers'>,
): AsyncGenerator<Inspection> {
  for (const [at, server] of servers.entries()) {
    let variables: ReadonlyMap<string, string>;
    try {
      variables = await ask(server);
    } catch (cause) {
      const [why, advice] = explainFailure(cause, address);
      yield problem('server', `${server.name}: ${why}`, advice);
      continue;
    }
    yield inspectVersion(server.name, variables.get('version') ?? '');
    if (variables.get('wsrep_on') === 'ON') yield inspectNode(server.name, variables);
    const host = address.servers[at]?.host ?? '';
    yield inspectTls(server.name, variables.get('ssl_cipher') ?? '', databaseTls, isLoopback(host));
  }
}

async function ask(server: DatabaseServer): Promise<ReadonlyMap<string, string>> {
  const rows = [...(await server.run(VARIABLES, [])), ...(await server.run(STATUS, []))];
  return new Map(rows.map(([name, value]) => [String(name).toLowerCase(), String(value)]));
}

function inspectVersion(name: string, text: string): Inspection {
  const product = /mariadb/i.test(text) ? 'MariaDB' : 'MySQL';
  const [version = text, major = 0, minor = 0] = /^(\d+)\.(\d+)(?:\.\d+)?/.exec(text) ?? [];
  const [oldestMajor, oldestMinor] = OLDEST[product];
  const isOld = Number(major) * 1000 + Number(minor) < oldestMajor * 1000 + oldestMinor;
  const message = `${name} answers: ${product} ${version}`;
  return isOld
    ? advise(
        'server',
        `${message}, which gets no corrections any more`,
        `move the dialer to ${product} ${oldestMajor}.${oldestMinor} or newer; callercard is not tried with older ones`,
      )
    : ok('server', message);
}

function inspectNode(name: string, variables: ReadonlyMap<string, string>): Inspection {
  const state = variables.get('wsrep_local_state_comment') ?? 'unknown';
  const size = variables.get('wsrep_cluster_size') ?? '?';
  const answers =
    variables.get('wsrep_ready') === 'ON' && variables.get('wsrep_cluster_status') === 'Primary';
  if (answers && state === 'Synced') {
    return ok('cluster', `${name} is in step (Synced) with a cluster of ${size} servers`);
  }
  const make = answers ? advise : problem;
  return make(
    'cluster',
    `${name} is not in step with its cluster (${state}, ${variables.get('wsrep_cluster_status') ?? '?'}, sees ${size})`,
    "wait until it has caught up, or look at the server's log; callercard leaves it out while it does not answer",
  );
}

function inspectTls(name: string, cipher: string, databaseTls: DatabaseTls, isNear: boolean): Inspection {
  const subject = 'tls';
  if (cipher === '' && isNear) {
    return ok(subject, `${name}: not encrypted, and does not leave this machine`);
  }
  if (cipher === '') {
    return advise(
      subject,
      `${name}: leads and passwords travel from the database as they are, for everybody on the way to read`,
      'set databaseTls to on (and databaseCa, if the authority is your own); the server needs ssl_cert and ssl_key',
    );
  }
  if (databaseTls === 'unchecked') {
    return advise(
      subject,
      `${name}: encrypted (${cipher}), but nobody checks whose certificate it is`,
      'set databaseTls to on, and databaseCa to the certificate of the authority',
    );
  }
  return ok(subject, `${name}: encrypted (${cipher}), certificate checked`);
}

/** Addresses that only this machine can reach. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
