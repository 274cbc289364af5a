import type { Inspection } from '../../core/store.ts';
import type { Read } from '../../stores/network/connector.ts';
import { advise, ok, problem } from '../inspection.ts';

const SETTINGS = `SELECT current_setting('fsync'), current_setting('full_page_writes'),
  current_setting('synchronous_commit'), current_setting('synchronous_standby_names')`;

/** What of an acknowledged write can be lost, and when. */
export async function* inspectDurability(read: Read, hasStandbys: boolean): AsyncGenerator<Inspection> {
  const subject = 'durability';
  const [row = []] = await read(SETTINGS, []);
  const [fsync, fullPages, commit, standbys = ''] = row.map(String);
  if (fsync !== 'on' || fullPages !== 'on') {
    const off = fsync === 'on' ? 'full_page_writes' : 'fsync';
    yield problem(
      subject,
      `${off} is off: a crash of the machine can ruin the whole database`,
      `set it to on`,
    );
  }
  if (commit === 'off') {
    yield problem(
      subject,
      'synchronous_commit is off: what was acknowledged in the last second is lost when the server crashes',
      'set synchronous_commit to on, for this database: ALTER DATABASE … SET synchronous_commit = on',
    );
    return;
  }
  const survives = 'what was acknowledged survives a crash of the server';
  if (standbys !== '' && commit !== 'local')
    yield ok(subject, `${survives}, and the loss of it: a standby has it, too (${standbys})`);
  else if (hasStandbys)
    yield advise(
      subject,
      `${survives}, but not its loss: no standby has to have it first, so that a failover loses what the standby had not yet`,
      'set synchronous_standby_names to the standbys, and synchronous_commit to on; writes then wait for one of them',
    );
  else yield ok(subject, `${survives}; there is no standby, so that only a backup survives the loss of it`);
}

const STANDBYS = `SELECT coalesce(nullif(application_name, ''), client_addr::text, 'a standby'), state, sync_state,
  floor(extract(epoch FROM replay_lag) * 1000)::bigint,
  pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint
  FROM pg_stat_replication ORDER BY 1`;

/** A standby that is further behind is mentioned. */
const BEHIND_MS = 10_000;
const BEHIND_BYTES = 64 * 1024 * 1024;

/** The standbys that are connected to the server at the moment. */
export async function* inspectStandbys(read: Read): AsyncGenerator<Inspection> {
  const subject = 'replication';
  for (const row of await read(STANDBYS, [])) {
    const [name = '', state = '', sync = '', lagMs = '', bytes = ''] = row.map((value) =>
      value === null ? '' : String(value as string | number),
    );
    if (state === '') {
      yield ok(
        subject,
        `${name} is connected; how far it is, only a role with the rights of pg_monitor may see`,
      );
      continue;
    }
    const behind = `${Number(bytes)} bytes and ${Number(lagMs)} ms behind`;
    const message = `${name}: ${state}, ${sync}, ${behind}`;
    yield Number(lagMs) > BEHIND_MS || Number(bytes) > BEHIND_BYTES || state !== 'streaming'
      ? advise(subject, message, 'look at the log of the standby, and at the network between them')
      : ok(subject, message);
  }
}
