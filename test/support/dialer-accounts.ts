import type { Connection } from 'mariadb';

import { FLOOR_TABLES } from './dialer-floor.ts';
import { asDatabaseRoot, type Address } from './root-sql.ts';

const READ = [
  'vicidial_list',
  'vicidial_lists',
  'vicidial_lists_fields',
  'vicidial_users',
  'vicidial_user_groups',
  'system_settings',
  'vicidial_list_alt_phones',
  ...FLOOR_TABLES,
];

interface Table {
  readonly db: string;
  readonly name: string;
}

/** A database account that may read what a lookup needs, and nothing else. The tables must be there already. */
export function createReadOnlyUser(server: Address, name: string, password: string): Promise<void> {
  return asDatabaseRoot(server, (root) => createReader(root, name, password));
}

/** The same, and it may count failed logins where the dialer's own pages do. */
export function createCountingUser(server: Address, name: string, password: string): Promise<void> {
  return asDatabaseRoot(server, async (root) => {
    await createReader(root, name, password);
    const columns = 'failed_login_count, last_login_date, last_ip';
    await root.query(`GRANT UPDATE (${columns}) ON asterisk.vicidial_users TO ?@'%'`, [name]);
  });
}

/** Each list's table by its own name: MariaDB grants nothing on a pattern of table names. */
async function createReader(root: Connection, name: string, password: string): Promise<void> {
  await root.query("CREATE OR REPLACE USER ?@'%' IDENTIFIED BY ?", [name, password]);
  const tables = await root.query<Table[]>(
    `SELECT table_schema AS db, table_name AS name FROM information_schema.tables
      WHERE table_schema = 'asterisk' AND (table_name IN (?) OR table_name REGEXP '^custom_[0-9]+$')
        OR table_schema = 'goautodial' AND table_name = 'go_customers'`,
    [READ],
  );
  for (const table of tables) {
    await root.query(`GRANT SELECT ON ${root.escapeId(table.db)}.${root.escapeId(table.name)} TO ?@'%'`, [
      name,
    ]);
  }
}
