import type { Read } from '../network/connector.ts';

const SETTINGS = [
  ...['archive_mode', 'wal_keep_size', 'max_wal_size', 'checkpoint_timeout'],
  ...['log_statement', 'log_min_duration_statement'],
] as const;

const SELECT_SETTINGS = `SELECT ${SETTINGS.map((name) => `current_setting('${name}', true)`).join(', ')}`;

/** Their names are shown to accounts that may see them. */
const SELECT_STANDBYS = 'SELECT application_name FROM pg_stat_replication ORDER BY application_name';
const SELECT_SLOTS = 'SELECT slot_name FROM pg_replication_slots ORDER BY slot_name';

/** Where a server of PostgreSQL keeps deleted rows for a while, as far as the account may see it: sentences. */
export async function serverRemains(run: Read): Promise<readonly string[]> {
  const [settings = []] = await run(SELECT_SETTINGS, []);
  const setting = Object.fromEntries(
    SETTINGS.map((name, at) => [name, settings[at] as string | null | undefined]),
  );
  const standbys = await run(SELECT_STANDBYS, []);
  const slots = (await run(SELECT_SLOTS, [])).map(([name]) => String(name));
  return [
    walOf(setting),
    ...(setting.archive_mode === 'on' || setting.archive_mode === 'always'
      ? [
          'the archive of the write-ahead log (archive_mode): until its own rotation deletes all segments up to this erasure, and the base backups before it',
        ]
      : []),
    ...(standbys.length === 0 ? [] : [standbysOf(standbys.map(([name]) => name))]),
    ...(slots.length === 0
      ? []
      : [
          `replication slots (${slots.join(', ')}): the server keeps its write-ahead log until they have read it, and what they were sent is where they keep it`,
        ]),
    'backups and snapshots of the database server: until their own rotation deletes them; after one is restored, erase again',
    ...(setting.log_statement !== 'none' || setting.log_min_duration_statement !== '-1'
      ? ['the log of the database server, which has statements with their values']
      : []),
  ];
}

function walOf(setting: Readonly<Record<string, string | null | undefined>>): string {
  const kept = setting.wal_keep_size ?? '0';
  const more = kept === '0' ? '' : `; ${kept} of them are always kept (wal_keep_size)`;
  return `the write-ahead log of the database server (pg_wal): its segments are used again or deleted after checkpoints, which come after ${String(setting.max_wal_size)} or ${String(setting.checkpoint_timeout)} at the latest${more}`;
}

function standbysOf(names: readonly unknown[]): string {
  const known = names.filter((name) => typeof name === 'string' && name !== '');
  const who = known.length === 0 ? '' : ` (${known.join(', ')})`;
  return `${names.length} that follow this server${who}: standbys delete and write anew what it did once they have replayed it, and have a write-ahead log of their own`;
}
