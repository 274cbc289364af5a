import type { PostgresqlAddress } from '../../config/addresses.ts';
import type { Inspection } from '../../core/store.ts';
import type { Read } from '../../stores/network/connector.ts';
import { expectedRelations } from '../../stores/postgresql/migrate.ts';
import { advise, ok, problem } from '../inspection.ts';

const DATABASE = `SELECT pg_encoding_to_char(encoding), datcollate,
  datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid), pg_database_size(oid)
  FROM pg_database WHERE datname = current_database()`;

/** Encoding and collation of the database. */
export async function* inspectDatabase(
  read: Read,
  { database }: PostgresqlAddress,
): AsyncGenerator<Inspection> {
  const [row = []] = await read(DATABASE, []);
  const [encoding, collation, isOther, bytes] = row;
  if (encoding !== 'UTF8')
    yield problem(
      'encoding',
      `the database has the encoding ${String(encoding)}`,
      `make one with ENCODING 'UTF8'`,
    );
  const message = `the database ${database}: ${String(encoding)}, collation ${String(collation)}, ${sizeOf(Number(bytes))}; all that callercard compares is of the collation C`;
  yield isOther === true
    ? advise(
        'database',
        `${message}, whose version in the system is another than when the database was made`,
        `REINDEX DATABASE ${database}; ALTER DATABASE ${database} REFRESH COLLATION VERSION`,
      )
    : ok('database', message);
}

const RIGHTS = `SELECT has_schema_privilege($1, 'USAGE'), has_schema_privilege($1, 'CREATE'),
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
  (SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class
   WHERE relnamespace = to_regnamespace($1) AND relkind = 'r'
   AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
     AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')))`;

/** What the account may do in the schema. */
export async function* inspectRights(
  read: Read,
  { schema, user }: PostgresqlAddress,
): AsyncGenerator<Inspection> {
  const subject = 'rights';
  const [row = []] = await read(RIGHTS, [schema]);
  const [mayUse, mayCreate, isSuper, closed] = row;
  if (isSuper === true)
    yield advise(
      subject,
      `the account ${user} is a superuser of the server`,
      `give callercard an account of its own that owns the schema: CREATE ROLE …; ALTER SCHEMA ${schema} OWNER TO …`,
    );
  if (mayUse !== true || closed !== null) {
    const what = mayUse === true ? `these tables: ${String(closed)}` : `the schema ${schema}`;
    yield problem(
      subject,
      `the account ${user} may not read and write ${what}`,
      `GRANT USAGE ON SCHEMA ${schema} TO ${user}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${user}`,
    );
  } else if (mayCreate !== true)
    yield advise(
      subject,
      `the account ${user} may read and write, but make no tables`,
      'run the first start of a new version of callercard with an account that owns the schema',
    );
  else yield ok(subject, `the account ${user} may read, write and make tables in the schema ${schema}`);
}

const RELATIONS = `SELECT relname, relkind, coalesce(indisvalid AND indisready, true)
  FROM pg_class LEFT JOIN pg_index ON indexrelid = pg_class.oid
  WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'i')`;

/** Tables and indexes: whether those of this version are there and whole. */
export async function* inspectRelations(
  read: Read,
  { schema }: PostgresqlAddress,
): AsyncGenerator<Inspection> {
  const rows = await read(RELATIONS, [schema]);
  const there = new Set(rows.map(([name]) => String(name)));
  const { tables, indexes } = expectedRelations();
  const missing = [...tables, ...indexes].filter((name) => !there.has(name));
  const invalid = rows.filter(([, , isValid]) => isValid !== true).map(([name]) => String(name));
  if (missing.length > 0)
    yield problem(
      'indexes',
      `not there: ${missing.join(', ')}`,
      'make them again as the files of src/stores/postgresql/migrations do, or restore a backup',
    );
  if (invalid.length > 0)
    yield problem(
      'indexes',
      `not usable: ${invalid.join(', ')}`,
      invalid.map((name) => `REINDEX INDEX ${schema}.${name}`).join('; '),
    );
  if (missing.length + invalid.length === 0)
    yield ok('indexes', 'tables and indexes are all there, so that every lookup reads by an index');
}

export function sizeOf(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024;
  return mebibytes < 1024 ? `${Math.ceil(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}
