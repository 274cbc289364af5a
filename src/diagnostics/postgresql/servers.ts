import { isLoopback, type PostgresqlAddress } from '../../config/addresses.ts';
import type { DatabaseTls } from '../../config/settings.ts';
import type { Inspection } from '../../core/store.ts';
import { DatabaseFailure } from '../../stores/network/failure.ts';
import type { DatabasePool } from '../../stores/network/pool.ts';
import { advise, ok, problem } from '../inspection.ts';
import { explainFailure } from './connection-failure.ts';

/** The oldest that callercard is meant for. */
const OLDEST = 15;

const SERVER = `SELECT current_setting('server_version_num')::int, current_setting('server_version'),
  coalesce((SELECT cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl), ''),
  EXISTS (SELECT 1 FROM pg_prepared_statements)`;

/** Each server of an address by itself. @returns whether one of them takes writes */
export async function* inspectServers(
  address: PostgresqlAddress,
  databaseTls: DatabaseTls,
  { servers }: Pick<DatabasePool, 'servers'>,
): AsyncGenerator<Inspection, boolean> {
  let primaries = 0;
  for (const [at, server] of servers.entries()) {
    try {
      const [row = []] = await server.run(SERVER, []);
      primaries += 1;
      // Without a pooler this statement is prepared, with one none is.
      const between = row[3] === true ? '' : '; a pooler stands in between';
      yield inspectVersion(server.name, Number(row[0]), `${String(row[1])}${between}`);
      const isNear = isLoopback(address.servers[at]?.host ?? '');
      yield inspectTls(server.name, String(row[2]), address.tls ?? databaseTls, isNear);
    } catch (cause) {
      if (cause instanceof DatabaseFailure && cause.code === '25006')
        yield ok('server', `${server.name}: a standby; it is used once it takes writes`);
      else {
        const [why, advice] = explainFailure(cause, address);
        yield problem('server', `${server.name}: ${why}`, advice);
      }
    }
  }
  if (primaries > 1)
    yield problem(
      'server',
      `${primaries} of the servers take writes: they are not one primary and its standbys`,
      'stop all but the right one at once: what is written goes to any of them',
    );
  return primaries > 0;
}

function inspectVersion(name: string, number: number, version: string): Inspection {
  const message = `${name} answers: PostgreSQL ${version}`;
  return number >= OLDEST * 10_000
    ? ok('server', message)
    : problem('server', message, `callercard needs PostgreSQL ${OLDEST} or newer`);
}

function inspectTls(name: string, cipher: string, databaseTls: DatabaseTls, isNear: boolean): Inspection {
  const subject = 'tls';
  if (cipher === '' && isNear) return ok(subject, `${name}: not encrypted, and does not leave this machine`);
  if (cipher === '')
    return advise(
      subject,
      `${name}: leads travel from the database as they are, for everybody on the way to read`,
      'set databaseTls to on (and databaseCa, if the authority is your own); the server needs ssl=on',
    );
  if (databaseTls === 'unchecked')
    return advise(
      subject,
      `${name}: encrypted (${cipher}), but nobody checks whose certificate it is`,
      'set databaseTls to on (sslmode=verify-full), and databaseCa to the certificate of the authority',
    );
  return ok(subject, `${name}: encrypted (${cipher}), certificate checked`);
}
