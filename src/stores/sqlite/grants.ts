import type { Grant, GrantDirectory } from '../../core/account-store.ts';
import type { Connection } from './connection.ts';

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
  return {
    find(identity) {
      const row = find.get(identity);
      return row === undefined ? undefined : grantOf(row);
    },
    list: () => list.all().map(grantOf),
    put({ identity, accountId, name, rights }) {
      readBatch.end();
      if (rights === 0) drop.run(identity);
      else put.run(identity, accountId, name, rights);
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
