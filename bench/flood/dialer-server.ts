import { bcryptDigest } from '../../src/stores/vicidial/eksblowfish.ts';
import { createReadOnlyUser } from '../../test/support/dialer-accounts.ts';
import { fillDialer } from '../../test/support/fill-dialer.ts';
import { startMariadb } from '../../test/support/mariadb-server.ts';
import { READER } from '../dialer/data.ts';
import { byLead } from '../lookups/requests.ts';
import { USER } from '../lookups/store.ts';
import { FREQUENT_USERS, NEW_USERS, startServerProcess, type FloodServer } from './server.ts';

const LEADS = 1_000;
const KEY = '1234567890123456';
/** A check takes as long as the embedded store's, about; at a stock dialer's cost of 2 it is half a millisecond. */
const COST = 7;

/** Over a dialer of its own that hashes its passwords with bcrypt. */
export async function startFloodDialer(): Promise<FloodServer> {
  const database = await startMariadb();
  await fillDialer(database, {
    lists: [{ list_id: 1, name: 'one' }],
    leads: Array.from({ length: LEADS }, (_, at) => ({
      lead_id: at + 1,
      list_id: 1,
      phone_number: String(5_500_000_000 + at),
    })),
    users: [USER.name, ...FREQUENT_USERS, ...NEW_USERS].map((name) => ({ name, password: '' })),
  });
  const digest = bcryptDigest(Buffer.from(USER.password), Buffer.from(KEY), COST);
  await database.runRootSql(`USE asterisk;
    UPDATE system_settings SET pass_hash_enabled = '1', pass_key = '${KEY}', pass_cost = ${COST};
    UPDATE vicidial_users SET pass_hash = '${digest}'`);
  await createReadOnlyUser(database, READER.user, READER.password);
  const running = await startServerProcess('dialer-target.ts', [database.host, String(database.port)]);
  return {
    ...running,
    targets: Array.from({ length: 1_000 }, () => byLead(1 + Math.floor(Math.random() * LEADS))),
    frequentUsers: FREQUENT_USERS,
    newUsers: NEW_USERS,
    async stop() {
      await running.stop();
      await database.stop();
    },
  };
}
