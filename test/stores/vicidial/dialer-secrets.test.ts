import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';

import { pino } from 'pino';

import type { LookupEvent } from '../../../src/core/lookup-event.ts';
import { createApp, type App } from '../../../src/app.ts';
import type { DialerConfig } from '../../../src/stores/vicidial/address.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { asDatabaseRoot } from '../../support/root-sql.ts';
import { inject } from '../../support/test-app.ts';
import { until } from '../../support/until.ts';
import { fillForReader, READER } from './dialer-fixture.ts';

/** What a request brings, each recognisable wherever it turns up. */
const NAME = 'planted-name';
const PASSWORD = 'planted-secret of a user';
const PHONE = '5598765432';
const LEAD = '1357924680';
/** Of the dialer's users, and of the database account. */
const STORED = 'planted-stored-password';

const DESCRIPTION = {
  lists: [{ list_id: 100, name: 'list 100', fields: [{ label: 'plan', type: 'TEXT' } as const] }],
  leads: [
    {
      lead_id: Number(LEAD),
      list_id: 100,
      phone_number: PHONE,
      first_name: 'planted-first-name',
      custom: [['plan', 'planted-plan']] as const,
    },
  ],
  users: [{ name: 'Known', password: STORED }],
};

describe("what goes wrong with a dialer's database", { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  let app: App | undefined;
  let lines: string[];
  let events: LookupEvent[];
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());
  beforeEach(async () => {
    lines = [];
    events = [];
    await fillForReader(server, DESCRIPTION);
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  function open(changes: Partial<DialerConfig> = {}, password: string = READER.password): void {
    const write = (line: string) => lines.push(line);
    const log = Object.assign(pino({ level: 'debug' }, { write }), {
      writeLine: write,
      lines: { droppedLines: 0, bufferedBytes: 0 },
    });
    app = createApp(dialerConfig(server, { user: READER.user, password }, changes), {
      log,
      onEvent: (event) => events.push(event),
    });
  }

  /** Every kind of question, with names and passwords of all kinds; gives the answers' statuses. */
  async function askAll(): Promise<readonly number[]> {
    const statuses: number[] = [];
    for (const goUser of ['Known', NAME, `${NAME}'; DROP`, `\u{1f511}${NAME}`]) {
      for (const goPass of [STORED, PASSWORD]) {
        for (const asked of [{ lead_id: LEAD }, { phone_number: PHONE }]) {
          const parameters = new URLSearchParams({
            goAction: 'goGetCustomerInfo',
            responsetype: 'json',
            goUser,
            goPass,
            ...asked,
          });
          assert.ok(app !== undefined);
          const { status } = await inject(app, {
            method: 'POST',
            url: '/goAPIv2/goAgent/goAPI.php',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            payload: parameters.toString(),
          });
          statuses.push(status);
        }
      }
    }
    return statuses;
  }

  /** Looks at everything that was written down, and at the causes by themselves. */
  function assertNoSecrets(): void {
    const causes = events.map(({ cause }) => describeCause(cause)).join('\n');
    const log = lines.join('');
    for (const text of [causes, log]) {
      for (const secret of [NAME, PASSWORD, STORED, READER.password, 'planted-', PHONE, PHONE.slice(2)]) {
        assert.ok(!text.includes(secret), `${secret} in ${text.slice(0, 2_000)}`);
      }
      assert.doesNotMatch(text, /\bSELECT\b.*\bFROM\b|\bWHERE\b|\bJOIN\b|\bUPDATE\b.*\bSET\b/i);
    }
    assert.ok(!causes.includes(LEAD), causes.slice(0, 2_000));
  }

  /** An error with all that hangs on it, as anybody might write it down. */
  function describeCause(cause: unknown): string {
    return inspect(cause, { depth: null, showHidden: true });
  }

  const failed = (statuses: readonly number[]) => statuses.filter((status) => status === 503).length;

  for (const [what, sql] of [
    ['a table of leads that is gone', 'DROP TABLE asterisk.vicidial_list'],
    ['a table of users that is gone', 'DROP TABLE asterisk.vicidial_users'],
    ['a column that is gone', 'ALTER TABLE asterisk.vicidial_users DROP COLUMN pass'],
    ['a right that is gone', "REVOKE SELECT ON asterisk.vicidial_lists FROM callercard@'%'"],
    [
      'a server that says of a value what is wrong with it',
      `USE asterisk; RENAME TABLE vicidial_user_groups TO the_groups;
      CREATE FUNCTION blame(allowed text) RETURNS text BEGIN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Incorrect value: planted-value';
        RETURN allowed;
      END;
      CREATE VIEW vicidial_user_groups AS
        SELECT user_group, blame(allowed_campaigns) AS allowed_campaigns FROM the_groups;
      GRANT SELECT ON vicidial_user_groups TO callercard@'%'`,
    ],
  ] as const) {
    it(`${what}: a failure without secrets`, async () => {
      open();
      assert.equal(failed(await askAll()), 0);
      await server.runRootSql(sql);
      const statuses = await askAll();
      assert.ok(failed(statuses) > 0, statuses.join(' '));
      assert.ok(events.some(({ cause }) => cause !== undefined));
      assertNoSecrets();
    });
  }

  for (const [what, changes, password] of [
    ['a wrong password of the database', {}, 'planted-secret, but wrong'],
    ['no password of the database', {}, ''],
    [
      'an unknown database',
      {
        database: {
          engine: 'mariadb',
          servers: [],
          user: READER.user,
          password: READER.password,
          database: 'nosuch',
        },
      },
      READER.password,
    ],
  ] as const) {
    it(`${what}: a failure without secrets`, async () => {
      const servers = [{ host: server.host, port: server.port }];
      open('database' in changes ? { database: { ...changes.database, servers } } : {}, password);
      const statuses = await askAll();
      assert.equal(failed(statuses), statuses.length);
      assert.ok(events.every(({ cause }) => cause instanceof Error));
      assertNoSecrets();
    });
  }

  it('a connection that is killed: the next request is answered, and nothing secret is logged', async () => {
    open();
    await askAll();
    for (let round = 0; round < 3; round += 1) {
      const asking = askAll();
      const threads = (await server.runRootSql(
        "SELECT id FROM information_schema.processlist WHERE user = 'callercard'",
      )) as readonly { id: number | bigint }[];
      assert.ok(threads.length > 0);
      for (const { id } of threads) await server.runRootSql(`KILL ${id}`).catch(() => undefined);
      await asking;
      assert.equal(failed(await askAll()), 0, 'after the kill');
    }
    assertNoSecrets();
  });

  it('a statement that is killed, or takes too long: a failure without secrets', async () => {
    open();
    await askAll();
    await asDatabaseRoot(server, async (root) => {
      await root.query('LOCK TABLES asterisk.vicidial_list WRITE');
      const asking = askAll();
      let threads: readonly { id: number | bigint }[] = [];
      await until('a statement that waits', async () => {
        threads = (await server.runRootSql(
          "SELECT id FROM information_schema.processlist WHERE user = 'callercard' AND state LIKE 'Waiting for table%'",
        )) as typeof threads;
        return threads.length > 0;
      });
      for (const { id } of threads) await server.runRootSql(`KILL QUERY ${id}`).catch(() => undefined);
      await until('a failure', () => events.some(({ cause }) => cause instanceof Error));
      await root.query('UNLOCK TABLES');
      assert.ok(failed(await asking) > 0);
    });
    assertNoSecrets();
  });

  it('the search for secrets finds them: what a driver says of itself would not pass', () => {
    for (const cause of [
      new Error(`Duplicate entry '${NAME}'`),
      Object.assign(new Error('x'), { sql: 'SELECT pass FROM vicidial_users WHERE user = ?' }),
      new Error('x', { cause: new Error(STORED) }),
      new Error(`lead ${LEAD}`),
      Object.assign(new Error('x'), { parameters: [PHONE] }),
    ]) {
      events = [{ cause } as LookupEvent];
      assert.throws(() => assertNoSecrets());
    }
  });
});
