import { type PostgresqlServer, REPLICATED, startPostgresql } from './postgresql-server.ts';
import { until } from './until.ts';

const OPTIONS = { isDurable: true, settings: REPLICATED } as const;

/**
 * Starts a server and a standby that has each commit before it is acknowledged. Both may be killed.
 *
 * @param prepare makes what the standby is to be copied with
 */
export async function startWithStandby(
  prepare: (primary: PostgresqlServer) => Promise<void>,
): Promise<{ readonly primary: PostgresqlServer; readonly standby: PostgresqlServer }> {
  const primary = await startPostgresql(OPTIONS);
  await prepare(primary);
  const standby = await startPostgresql({ ...OPTIONS, standbyOf: primary });
  await primary.runSql(`ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf();`);
  await until('the standby follows in step', async () =>
    (await primary.runSql('SELECT sync_state FROM pg_stat_replication')).includes('sync'),
  );
  return { primary, standby };
}
