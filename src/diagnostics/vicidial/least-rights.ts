import { customTableName } from '../../stores/vicidial/custom-fields.ts';
import { accountName, type DatabaseAccount, type Inspected } from './inspected.ts';
import type { Grant } from './grants.ts';
import { CUSTOMERS_TABLE, DIALER_TABLES } from '../../stores/vicidial/schema.ts';
import { quoteName } from '../../stores/vicidial/sql-text.ts';

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
export function narrowerAccount(inspected: Inspected, wide: readonly Grant[]): string {
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

/** Everything that a lookup reads, table by table. */
function leastGrants(
  { database, schema, rules, customLists, definitions }: Inspected,
  account: DatabaseAccount,
): string {
  const custom = customLists.filter((list) => definitions.has(list)).map((list) => customTableName(list));
  const there = DIALER_TABLES.filter((table) => schema.tables.has(table));
  const tables = [...there, ...custom.slice(0, MOST_TABLES)].map(
    (table) => `${quoteName(database)}.${quoteName(table)}`,
  );
  if (rules.customersDatabase !== undefined && schema.customers !== undefined) {
    tables.push(`${quoteName(rules.customersDatabase)}.${quoteName(CUSTOMERS_TABLE)}`);
  }
  const name = accountName(account);
  const grants = tables.map((table) => `GRANT SELECT ON ${table} TO ${name};`).join(' ');
  const more = custom.length - MOST_TABLES;
  return more > 0 ? `${grants} and so for ${more} more custom_ tables` : grants;
}

const MOST_TABLES = 20;
