import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { createApp, type App } from '../../../src/app.ts';
import { openStore } from '../../../src/stores/open-store.ts';
import { userIdentity } from '../../../src/auth/lockout.ts';
import { type Right, rightsOf, SATISFIED_BY, type UserRight } from '../../../src/core/rights.ts';
import type { DialerStore } from '../../../src/stores/vicidial/open-dialer.ts';
import {
  askCallerId,
  askDocumented,
  documentedRefusal,
  GUARDED,
  seesCard,
  tryOperation,
} from '../../endpoints/v1/rights-fixture.ts';
import { createCardClient } from '../../endpoints/card/card-fixture.ts';
import { PASSWORD } from '../../service/lookup-fixture.ts';
import { basic } from '../../support/authorization.ts';
import { describeDataset, readDataset } from '../../support/dataset.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { createWatchedLog } from '../../support/watched-log.ts';
import { fillForReader, READER } from './dialer-fixture.ts';
import { listenReady } from '../../support/test-app.ts';

const ANA = ['Ana', PASSWORD] as const;

/** What is read of leads that can be changed here: those of a dialer cannot. */
const OF_CHANGEABLE: ReadonlySet<string> = new Set(['getNotes', 'findCalls', 'changeCall', 'getLists']);

const has = (rights: readonly Right[], right: Right) => (rightsOf(rights) & SATISFIED_BY[right]) !== 0;

describe('the rights of a dialer’s users', { skip: mariadbSkip }, () => {
  const watched = createWatchedLog();
  let server: MariadbServer;
  let store: DialerStore;
  let app: App | undefined;
  let url: string;
  before(async () => {
    server = await startMariadb();
  });
  beforeEach(async () => {
    await fillForReader(server, {
      ...describeDataset(readDataset()),
      users: [{ name: 'Ana', password: PASSWORD }],
    });
    await app?.close();
    const config = dialerConfig(server, READER);
    const opened = openStore(config, { log: () => undefined });
    assert.ok('dialer' in opened);
    store = opened;
    app = createApp(config, { store, log: watched.log });
    url = await listenReady(app);
  });
  after(async () => {
    await app?.close();
    await server.stop();
    watched.check();
  });

  const change = (set: string) =>
    server.runRootSql(`UPDATE asterisk.vicidial_users SET ${set} WHERE user = 'Ana'`);

  async function grant(rights: readonly UserRight[], accountId?: string): Promise<void> {
    const { account } = await store.accounts.read('Ana');
    assert.ok(account !== undefined);
    const identity = userIdentity(account.name);
    store
      .grants()
      .put({ identity, accountId: accountId ?? account.id, name: account.name, rights: rightsOf(rights) });
  }

  async function assertHas(rights: readonly UserRight[], what: string): Promise<void> {
    const header = basic(...ANA);
    for (const [id, right] of GUARDED) {
      const done = OF_CHANGEABLE.has(id) ? '409 read_only_store' : 'done';
      const expected = has(rights, right) ? done : `403 ${right}`;
      assert.equal(await tryOperation(url, id, header), expected, `${what}: ${id}`);
    }
    const name = await askCallerId(url, header);
    assert.equal(name, has(rights, 'caller-id') ? 'Bruno M Macias' : '', what);
    const documented = await askDocumented(url, ANA);
    if (has(rights, 'read')) assert.match(documented, /^\{"result":"success"/, what);
    else assert.equal(documented, documentedRefusal('Ana'), what);
    assert.equal(await seesCard(url, ANA), has(rights, 'card'), what);
  }

  it('51: are the card for whoever is active, reading by Agent API Access, and what was granted here', async () => {
    for (const access of ["'1'", "'0'", 'NULL']) {
      await change(`vdc_agent_api_access = ${access}`);
      const own: readonly UserRight[] = access === "'1'" ? ['card', 'read'] : ['card'];
      for (const granted of [[], ['calls'], ['admin'], ['calls', 'admin']] as const) {
        await grant(granted);
        await assertHas([...own, ...granted], `${access}, ${granted.join()}`);
      }
    }
  });

  it('51: are none without level or activity, whatever was granted', async () => {
    await grant(['calls', 'admin']);
    for (const set of ["active = 'N'", "active = 'Y', user_level = 0"]) {
      await change(set);
      for (const [id] of GUARDED) {
        await store.accounts.clearFailures('ana');
        assert.equal(await tryOperation(url, id, basic(...ANA)), '401 credentials_invalid', set);
      }
      await store.accounts.clearFailures('ana');
      assert.equal(await seesCard(url, ANA), false, set);
    }
  });

  it('51: are not inherited by another user of the same name', async () => {
    await grant(['calls']);
    assert.equal(await tryOperation(url, 'notifyCall', basic(...ANA)), 'done');
    await change('user_id = user_id + 100');
    assert.equal(await tryOperation(url, 'notifyCall', basic(...ANA)), '403 calls');
    await change('user_id = user_id - 100');
    assert.equal(await tryOperation(url, 'notifyCall', basic('ANA ', PASSWORD)), 'done');
  });

  it('51: end a session at its next request, also when they come back', async () => {
    const client = createCardClient(url);
    await client.signIn(...ANA);
    assert.match((await client.get('/card?lead=14246')).text, /Macias/);
    await change('user_level = 0');
    assert.match((await client.get('/card?lead=14246')).text, /Your session has ended/);
    await change('user_level = 1');
    assert.match((await client.get('/card?lead=14246')).text, /Your session has ended/);
  });

  it('51: need no more statements of the dialer where they were granted here', async () => {
    const count = async () => {
      const sql =
        "SELECT COUNT(*) AS count FROM mysql.general_log WHERE command_type = 'Execute' AND user_host LIKE 'callercard%'";
      const [row] = (await server.runRootSql(sql)) as readonly { readonly count: bigint | number }[];
      return Number(row?.count);
    };
    const statementsOf = async (id: string) => {
      const before = await count();
      await tryOperation(url, id, basic(...ANA));
      return (await count()) - before;
    };
    await tryOperation(url, 'notifyCall', basic(...ANA));
    await server.runRootSql("SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = 1");
    try {
      const without = await statementsOf('notifyCall');
      await grant(['calls']);
      // The one for whom the call is, who is asked for once the caller is let in.
      assert.deepEqual([without, await statementsOf('notifyCall')], [1, 2]);
    } finally {
      await server.runRootSql('SET GLOBAL general_log = 0');
    }
  });
});
