import { GOAUTODIAL_COLUMNS, leadColumns, otherColumns, type DialerOptions } from './dialer-columns.ts';
import { runRootSql, type Address } from './root-sql.ts';

/**
 * What every installation holds: one row of settings (here with custom fields switched on), and two users of the
 * system's own whose password everybody knows.
 */
const STOCK_ROWS = `
  INSERT INTO asterisk.system_settings SET version = '2.14b0.5', custom_fields_enabled = '1',
    pass_key = 'Qm5tW8yLr2Xc7VdK';
  INSERT INTO asterisk.vicidial_user_groups SET user_group = 'ADMIN', group_name = 'VICIDIAL ADMINISTRATORS',
    allowed_campaigns = ' -ALL-CAMPAIGNS- - -';
  INSERT INTO asterisk.vicidial_users (user, pass, full_name, user_group, vdc_agent_api_access)
    VALUES ('VDAD', 'donotedit', 'Outbound Auto Dial', 'ADMIN', '1'),
      ('VDCL', 'donotedit', 'Inbound No Agent', 'ADMIN', '1');`;

/** Makes the dialer's databases as after an installation; what was in them is gone. */
export async function createDialerTables(server: Address, options: DialerOptions = {}): Promise<void> {
  const { withGoautodial = true } = options;
  const tables = {
    vicidial_list: leadColumns(options),
    vicidial_list_archive: leadColumns(options),
    ...otherColumns(options),
  };
  const goautodial = withGoautodial ? databaseSql('goautodial', GOAUTODIAL_COLUMNS, options) : '';
  await runRootSql(
    server,
    `DROP DATABASE IF EXISTS goautodial; DROP DATABASE IF EXISTS asterisk;
    ${databaseSql('asterisk', tables, options)} ${goautodial} ${STOCK_ROWS}`,
  );
}

function databaseSql(name: string, tables: Readonly<Record<string, string>>, options: DialerOptions): string {
  const { charset = 'utf8mb3' } = options;
  const made = Object.entries(tables).map(
    ([table, columns]) => `CREATE TABLE ${name}.${table} (${columns}) ${tableOptions(options)};`,
  );
  return `CREATE DATABASE ${name} CHARACTER SET ${charset} COLLATE ${charset}_unicode_ci; ${made.join(' ')}`;
}

/** What stands behind the columns of a table. */
export function tableOptions({ engine = 'MyISAM', charset = 'utf8mb3' }: DialerOptions): string {
  return `ENGINE=${engine} DEFAULT CHARSET=${charset} COLLATE=${charset}_unicode_ci`;
}
