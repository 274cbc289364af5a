import type { Inspection } from '../../core/store.ts';
import { customTableName } from '../../stores/vicidial/custom-fields.ts';
import { DatabaseFailure } from '../../stores/network/failure.ts';
import { databaseLogin } from '../../stores/network/login.ts';
import { CUSTOMERS_TABLE, DIALER_TABLES } from '../../stores/vicidial/schema.ts';
import { quoteName, type Read } from '../../stores/vicidial/rows.ts';
import { accountName, grantOf, type InspectedDialer, listed } from './inspected.ts';
import { advise, ok } from '../inspection.ts';

/** Rights that change nothing and show no data. */
const HARMLESS: ReadonlySet<string> = new Set(['USAGE', 'SHOW VIEW', 'SHOW DATABASES']);
/** What the dialer's own pages write at a login. */
const LOGIN_COLUMNS: ReadonlySet<string> = new Set(['failed_login_count', 'last_login_date', 'last_ip']);

/** Whether our account may do more than it needs. Missing rights are reported by the part that needs them. */
export async function* inspectRights(inspected: InspectedDialer): AsyncGenerator<Inspection> {
  const name = accountName(inspected.account);
  const { grants, unreadRoles } = await readGrants(inspected.read);
  const wide = grants.filter((grant) => isTooWide(grant, inspected));
  if (wide.length > 0) {
    yield advise(
      'rights',
      `${name} may do more than read what a lookup needs: ${listed(wordsOf(wide))}`,
      narrowerAccount(inspected, wide),
    );
  } else {
    yield ok('rights', `${name} ${narrowWords(inspected, grants)}`);
  }
  if (unreadRoles.length > 0) {
    yield advise(
      'rights',
      `${name} may take on roles whose rights it may not look at: ${listed(unreadRoles)}`,
      `look at them as root: SHOW GRANTS FOR ${unreadRoles[0] ?? ''};`,
    );
  }
  yield* inspectOwnPassword(inspected);
  yield inspectCounting(inspected);
}

/** Those with which a server or a dialer comes. */
const STOCK_PASSWORDS: ReadonlySet<string> = new Set(['', '1234', 'custom1234', 'vicidialnow', 'goautodial']);

function* inspectOwnPassword({ config, account }: InspectedDialer): Generator<Inspection> {
  const { password } = databaseLogin(config, config.database);
  if (!STOCK_PASSWORDS.has(password)) return;
  yield advise(
    'rights',
    `${accountName(account)} has ${password === '' ? 'no password' : 'a password that everybody knows'}, and reads every lead and user`,
    `SET PASSWORD FOR ${accountName(account)} = PASSWORD('A NEW PASSWORD'); and change it in every program that uses it, or give callercard an account of its own`,
  );
}

function isTooWide(
  { privilege, columns, database, table }: Grant,
  { rules, database: own }: InspectedDialer,
): boolean {
  if (HARMLESS.has(privilege)) return false;
  if (privilege === 'SELECT')
    return database === undefined || ![own, rules.customersDatabase].includes(database);
  const isLogin =
    privilege === 'UPDATE' &&
    database === own &&
    table?.toLowerCase() === 'vicidial_users' &&
    columns?.every((column) => LOGIN_COLUMNS.has(column)) === true;
  return !isLogin;
}

/** By table, so that a long list of rights on one table is one item. */
function wordsOf(grants: readonly Grant[]): readonly string[] {
  const byTarget = Map.groupBy(grants, ({ database, table }) => `${database ?? '*'}.${table ?? '*'}`);
  return [...byTarget].map(([target, granted]) => {
    const rights = granted.map(({ privilege, columns }) =>
      columns === undefined ? privilege : `${privilege} (${columns.join(', ')})`,
    );
    return `${[...new Set(rights)].join(', ')} on ${target}`;
  });
}

function narrowWords({ database }: InspectedDialer, grants: readonly Grant[]): string {
  const isWhole = grants.some(
    (grant) => grant.privilege === 'SELECT' && grant.database === database && grant.table === undefined,
  );
  const writes = grants.some(({ privilege }) => privilege === 'UPDATE');
  const reads = isWhole ? `may read all of ${database}` : 'may read the tables of a lookup';
  return `${reads} and write ${writes ? 'nothing but failed logins' : 'nothing'}`;
}

/** Where failed logins are counted: here alone, or in the dialer too. */
function inspectCounting({ schema, config, database, account }: InspectedDialer): Inspection {
  const subject = 'failed logins';
  const columns = ['failed_login_count', 'last_login_date'];
  const users = schema.tables.get('vicidial_users')?.columns;
  const writable = columns.filter((column) => users?.get(column)?.mayUpdate === true);
  if (writable.length === columns.length) {
    return ok(
      subject,
      `counted in the dialer's vicidial_users, together with its own pages, and in ${config.stateFile}`,
    );
  }
  const here = `counted in ${config.stateFile} alone`;
  if (writable.length > 0) {
    return advise(
      subject,
      `${here}: our account may write only ${listed(writable)} of vicidial_users`,
      `GRANT UPDATE (${columns.join(', ')}) ON ${quoteName(database)}.vicidial_users TO ${accountName(account)}; or REVOKE UPDATE to leave it so`,
    );
  }
  return ok(subject, `${here}: our account writes nothing to the dialer`);
}

/** One right of an account, from a line of SHOW GRANTS. */
interface Grant {
  /** In capitals: `SELECT`, `ALL PRIVILEGES`. */
  readonly privilege: string;
  /** In lower case; undefined: all of them. */
  readonly columns?: readonly string[] | undefined;
  /** undefined: every database. */
  readonly database?: string | undefined;
  /** undefined: every table. */
  readonly table?: string | undefined;
}

/** Everything that our account may do, by itself and through roles, and the roles that it may not look at. */
async function readGrants(read: Read) {
  // Without FOR: the server also shows the active role and the roles behind it.
  const lines = await readLines(read, 'SHOW GRANTS');
  const shown = lines.flatMap((line) => OWNER.exec(line)?.[1] ?? []);
  const roles = [...new Set(lines.flatMap(rolesOf))];
  const unreadRoles: string[] = [];
  for (const role of roles.filter((name) => !shown.includes(name))) {
    try {
      lines.push(...(await readLines(read, `SHOW GRANTS FOR ${role}`)));
    } catch (cause) {
      const isRefused = cause instanceof DatabaseFailure && ['schema', 'statement'].includes(cause.kind);
      if (!isRefused) throw cause;
      unreadRoles.push(role);
    }
  }
  return { grants: [...new Set(lines)].flatMap(grantsOf), unreadRoles };
}

async function readLines(read: Read, sql: string): Promise<string[]> {
  return (await read(sql, [])).map(([line]) => String(line));
}

const NAME = '(?:`(?:[^`]|``)*`)';
/** Whose right a line is, if a role's: those have no host. */
const OWNER = new RegExp(` TO (${NAME})(?!@)`);

/** ``GRANT `role` TO …``, without ON; MySQL names several, each with a host. Quoted again, as old servers do not. */
function rolesOf(line: string): readonly string[] {
  const text = new RegExp(`^GRANT (${NAME}(?:@${NAME})?(?:, ?${NAME}@${NAME})*|[\\w$]+) TO `).exec(line)?.[1];
  if (text === undefined) return [];
  return text.startsWith('`') ? (text.match(new RegExp(`${NAME}(?:@${NAME})?`, 'g')) ?? []) : [`\`${text}\``];
}

const GRANT = new RegExp(
  `^GRANT (.+?) ON (TABLE |PROCEDURE |FUNCTION |PACKAGE BODY |PACKAGE )?(\\*|${NAME})\\.(\\*|${NAME}) TO `,
);

/** A line that is no grant of rights gives none: one that names a role, or a default role. */
function grantsOf(line: string): readonly Grant[] {
  if (line.startsWith('GRANT PROXY ON ')) return [{ privilege: 'PROXY' }];
  const [, privileges, , database, table] = GRANT.exec(line) ?? [];
  if (privileges === undefined || database === undefined || table === undefined) return [];
  const target = { database: nameOf(database)?.replace(/\\([_%])/g, '$1'), table: nameOf(table) };
  const rights = privileges.matchAll(/([A-Z][A-Z_ ]*[A-Z])(?: \(([^)]*)\))?/g);
  const grants: Grant[] = Array.from(rights, ([, privilege = '', columns]) => ({
    privilege,
    columns: columns?.split(',').map((name) => name.trim().replaceAll('`', '').toLowerCase()),
    ...target,
  }));
  if (line.includes(' WITH GRANT OPTION')) grants.push({ privilege: 'GRANT OPTION', ...target });
  return grants;
}

function nameOf(text: string): string | undefined {
  return text === '*' ? undefined : text.slice(1, -1).replaceAll('``', '`');
}

/** Accounts that a server or a dialer made for itself: their rights must not be taken from them. */
const OTHERS_ACCOUNTS: ReadonlySet<string> = new Set([
  'root',
  'mysql',
  'mariadb.sys',
  'admin',
  'cron',
  'custom',
]);

/** The account of another program keeps its rights: callercard gets one of its own. */
function narrowerAccount(inspected: InspectedDialer, wide: readonly Grant[]): string {
  const { account } = inspected;
  const own = { user: 'callercard', host: account.host };
  const isAnothers =
    account.user !== own.user &&
    (OTHERS_ACCOUNTS.has(account.user.toLowerCase()) ||
      wide.some(({ privilege }) => ['SUPER', 'ALL PRIVILEGES', 'GRANT OPTION'].includes(privilege)));
  if (!isAnothers) {
    const name = accountName(account);
    return `if no other program uses this account: REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${name}; ${leastGrants(inspected, account)}`;
  }
  return `make an account of its own and name it in database: CREATE USER ${accountName(own)} IDENTIFIED BY 'A NEW PASSWORD'; ${leastGrants(inspected, own)}`;
}

/** Everything that is read, table by table. */
function leastGrants(
  { database, schema, rules, customLists, definitions, more }: InspectedDialer,
  account: InspectedDialer['account'],
): string {
  const custom = customLists.filter((list) => definitions.has(list)).map((list) => customTableName(list));
  const there = DIALER_TABLES.filter((table) => schema.tables.has(table));
  const tables = [...there, ...more.keys(), ...custom.slice(0, MOST_TABLES)];
  const grants = tables.map((table) => grantOf({ database, account }, table));
  if (rules.customersDatabase !== undefined && schema.customers !== undefined) {
    grants.push(grantOf({ database: rules.customersDatabase, account }, CUSTOMERS_TABLE));
  }
  const rest = custom.length - MOST_TABLES;
  if (rest > 0) grants.push(`and so for ${rest} more custom_ tables`);
  return grants.join(' ');
}

const MOST_TABLES = 20;
