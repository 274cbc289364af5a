import type { Grant, GrantDirectory } from '../../core/account-store.ts';
import { RIGHT_BIT } from '../../core/rights.ts';
import type { Connection } from './connection.ts';
import { writeWhole } from './transactions.ts';

const SELECT_GRANT = 'SELECT identity, account_id, name, rights FROM granted_rights';

/** Rights beside a dialer's users, in the state file. */
export function createGrantDirectory({ database, readBatch }: Connection): GrantDirectory {
  const find = database.prepare(`${SELECT_GRANT} WHERE identity = ?`);
  const list = database.prepare(`${SELECT_GRANT} ORDER BY identity`);
  const put = database.prepare(
    `INSERT INTO granted_rights (identity, account_id, name, rights) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (identity) DO UPDATE SET account_id = ?2, name = ?3, rights = ?4`,
  );
  const drop = database.prepare('DELETE FROM granted_rights WHERE identity = ?');
  const lastAdmin = database.prepare(
    `SELECT 1 FROM granted_rights WHERE identity = ?1 AND rights & ${RIGHT_BIT.admin} <> 0 AND NOT EXISTS
     (SELECT 1 FROM granted_rights WHERE identity <> ?1 AND rights & ${RIGHT_BIT.admin} <> 0)`,
  );
  return {
    find(identity) {
      const row = find.get(identity);
      return row === undefined ? undefined : grantOf(row);
    },
    list: () => list.all().map(grantOf),
    put({ identity, accountId, name, rights }, guard) {
      readBatch.end();
      return writeWhole(database, () => {
        const isTaken = guard !== undefined && (rights & RIGHT_BIT.admin) === 0;
        if (isTaken && lastAdmin.get(identity) !== undefined) return false;
        if (rights === 0) drop.run(identity);
        else put.run(identity, accountId, name, rights);
        return true;
      });
    },
  };
}

function grantOf(row: Readonly<Record<string, unknown>>): Grant {
  return {
    identity: row.identity as string,
    accountId: row.account_id as string,
    name: row.name as string,
    rights: Number(row.rights),
  };
}
