import type { Inspection } from '../../core/inspection.ts';
import { dialerAddress } from '../../stores/vicidial/dialer-address.ts';
import { accountName, listed, type Inspected } from './inspected.ts';
import { readGrants, type Grant, type Grants } from './grants.ts';
import { narrowerAccount } from './least-rights.ts';
import { quoteName } from '../../stores/vicidial/sql-text.ts';

/** Rights that change nothing and show no data. */
const HARMLESS: ReadonlySet<string> = new Set(['USAGE', 'SHOW VIEW', 'SHOW DATABASES']);
/** What the dialer's own pages write at a login. */
const LOGIN_COLUMNS: ReadonlySet<string> = new Set(['failed_login_count', 'last_login_date', 'last_ip']);

/** Whether our account may do more than it needs. What it lacks is told where it is missed. */
export async function* inspectRights(inspected: Inspected): AsyncGenerator<Inspection> {
  const name = accountName(inspected.account);
  const found = await readGrants(inspected.read);
  const wide = found.grants.filter((grant) => isTooWide(grant, inspected));
  if (wide.length > 0) {
    yield {
      level: 'advice',
      subject: 'rights',
      message: `${name} may do more than read what a lookup needs: ${listed(wordsOf(wide))}`,
      advice: narrowerAccount(inspected, wide),
    };
  } else {
    yield { level: 'ok', subject: 'rights', message: `${name} ${narrowWords(inspected, found)}` };
  }
  if (found.unreadRoles.length > 0) {
    yield {
      level: 'advice',
      subject: 'rights',
      message: `${name} may take on roles whose rights it may not look at: ${listed(found.unreadRoles)}`,
      advice: `look at them as root: SHOW GRANTS FOR ${found.unreadRoles[0] ?? ''};`,
    };
  }
  yield* inspectOwnPassword(inspected);
  yield inspectCounting(inspected);
}

/** Those with which a server or a dialer comes. */
const STOCK_PASSWORDS: ReadonlySet<string> = new Set(['', '1234', 'custom1234', 'vicidialnow', 'goautodial']);

function* inspectOwnPassword({ config, account }: Inspected): Generator<Inspection> {
  const { password } = dialerAddress(config, config.database);
  if (!STOCK_PASSWORDS.has(password)) return;
  yield {
    level: 'advice',
    subject: 'rights',
    message: `${accountName(account)} has ${password === '' ? 'no password' : 'a password that everybody knows'}, and reads every lead and user`,
    advice: `SET PASSWORD FOR ${accountName(account)} = PASSWORD('A NEW PASSWORD'); and change it in every program that uses it, or give callercard an account of its own`,
  };
}

function isTooWide(
  { privilege, columns, database, table }: Grant,
  { rules, ...inspected }: Inspected,
): boolean {
  if (HARMLESS.has(privilege)) return false;
  if (privilege === 'SELECT') {
    return (
      database !== inspected.database && (database === undefined || database !== rules.customersDatabase)
    );
  }
  const isLogin =
    privilege === 'UPDATE' &&
    database === inspected.database &&
    table?.toLowerCase() === 'vicidial_users' &&
    columns?.every((column) => LOGIN_COLUMNS.has(column)) === true;
  return !isLogin;
}

/** By place, so that a long list of rights on one table is one item. */
function wordsOf(grants: readonly Grant[]): readonly string[] {
  const byPlace = new Map<string, string[]>();
  for (const { privilege, columns, database, table } of grants) {
    const place = `${database ?? '*'}.${table ?? '*'}`;
    const right = columns === undefined ? privilege : `${privilege} (${columns.join(', ')})`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), right]);
  }
  return [...byPlace].map(([place, rights]) => `${[...new Set(rights)].join(', ')} on ${place}`);
}

function narrowWords({ database }: Inspected, { grants }: Grants): string {
  const isWhole = grants.some(
    (grant) => grant.privilege === 'SELECT' && grant.database === database && grant.table === undefined,
  );
  const writes = grants.some(({ privilege }) => privilege === 'UPDATE');
  const reads = isWhole ? `may read all of ${database}` : 'may read the tables of a lookup';
  return `${reads} and write ${writes ? 'nothing but failed logins' : 'nothing'}`;
}

/** Where failed logins are counted: here alone, or in the dialer too. */
function inspectCounting({ schema, config, database, account }: Inspected): Inspection {
  const subject = 'failed logins';
  const columns = ['failed_login_count', 'last_login_date'];
  const users = schema.tables.get('vicidial_users')?.columns;
  const writable = columns.filter((column) => users?.get(column)?.mayUpdate === true);
  if (writable.length === columns.length) {
    return {
      level: 'ok',
      subject,
      message: `counted in the dialer's vicidial_users, together with its own pages, and in ${config.stateFile}`,
    };
  }
  const here = `counted in ${config.stateFile} alone`;
  if (writable.length > 0) {
    return {
      level: 'advice',
      subject,
      message: `${here}: our account may write only ${listed(writable)} of vicidial_users`,
      advice: `GRANT UPDATE (${columns.join(', ')}) ON ${quoteName(database)}.vicidial_users TO ${accountName(account)}; or REVOKE UPDATE to leave it so`,
    };
  }
  return { level: 'ok', subject, message: `${here}: our account writes nothing to the dialer` };
}
