import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';

import { createApp } from '../../src/app.ts';
import { GOAPI_PATHS } from '../../src/endpoints/goapi/handler.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../service/lookup-fixture.ts';
import { fillEmbedded, type StoreDescription } from '../stores/described-store.ts';
import { fillForReader, READER } from '../stores/vicidial/dialer-fixture.ts';
import { dialerConfig } from '../support/dialer-config.ts';
import { mariadbSkip, startMariadb } from '../support/mariadb-server.ts';
import { runSql } from '../support/run-sql.ts';
import { listenReady, send, startTestApp, temporaryFolder } from '../support/test-app.ts';
import { parametersWith } from './attacked-servers.ts';
import { SQL_PAYLOADS } from './payloads.ts';

const STORED: Omit<StoreDescription, 'users'> = {
  lists: [{ list_id: 100, name: 'one', fields: [{ label: 'plan', type: 'TEXT' }] }],
  leads: [
    {
      lead_id: 14246,
      list_id: 100,
      phone_number: '5587654321',
      first_name: 'Bruno',
      custom: [['plan', 'gold']],
    },
  ],
};
/** The value in a column that is added while the server runs. */
const ADDED = 'planted-secret in a new column';

async function answersOf(url: string): Promise<readonly string[]> {
  const lookups = [{ lead_id: '14246' }, { lead_id: '', phone_number: '5587654321' }].flatMap((changes) =>
    ['json', 'xml'].map((responsetype) => parametersWith({ ...changes, responsetype })),
  );
  const answers: string[] = [];
  for (const parameters of lookups) {
    const { text } = await send(url, `${GOAPI_PATHS[0]}?${new URLSearchParams(parameters).toString()}`);
    assert.match(text, /Bruno/);
    answers.push(text);
  }
  return answers;
}

describe('columns added while the server runs', () => {
  it('14: are never returned by the embedded store', async () => {
    const folder = temporaryFolder();
    const users = [{ name: 'crm', password: { verifier: CHEAP_VERIFIER } }];
    const running = await startTestApp(folder, (store) => fillEmbedded(store, { ...STORED, users }));
    try {
      const before = await answersOf(running.url);
      runSql(join(folder, 'test.db'), `ALTER TABLE leads ADD COLUMN added TEXT DEFAULT '${ADDED}'`);
      runSql(join(folder, 'test.db'), `ALTER TABLE users ADD COLUMN added TEXT DEFAULT '${ADDED}'`);
      assert.deepEqual(await answersOf(running.url), before);
    } finally {
      await running.close();
    }
  });

  it('14: are never returned from a dialer', { skip: mariadbSkip }, async () => {
    const server = await startMariadb();
    try {
      await fillForReader(
        server,
        { ...STORED, users: [{ name: 'crm', password: PASSWORD }] },
        { altPhoneIndex: true },
      );
      // More rights than it needs: a whole table may be read.
      await server.runRootSql(`GRANT SELECT ON asterisk.* TO ${READER.user}@'%'`);
      const app = createApp(dialerConfig(server, READER));
      try {
        const url = await listenReady(app);
        const before = await answersOf(url);
        for (const table of ['vicidial_list', 'vicidial_users', 'custom_100']) {
          await server.runRootSql(
            `ALTER TABLE asterisk.${table} ADD COLUMN added varchar(60) DEFAULT '${ADDED}'`,
          );
        }
        assert.deepEqual(await answersOf(url), before);
      } finally {
        await app.close();
      }
    } finally {
      await server.stop();
    }
  });
});

describe('the statements of the embedded store', () => {
  it('3: have the same text whatever the input', async (t) => {
    const seen = (['prepare', 'exec'] as const).map((name) => t.mock.method(DatabaseSync.prototype, name));
    const texts = () => new Set(seen.flatMap(({ mock }) => mock.calls.map(({ arguments: [sql] }) => sql)));
    const users = [{ name: 'crm', password: { verifier: CHEAP_VERIFIER } }];
    const running = await startTestApp(temporaryFolder(), (store) =>
      fillEmbedded(store, { ...STORED, users }),
    );
    const ask = (changes: Readonly<Record<string, string>>) =>
      send(running.url, `${GOAPI_PATHS[0]}?${new URLSearchParams(parametersWith(changes)).toString()}`);
    try {
      await answersOf(running.url);
      await ask({ goUser: 'nobody' });
      await ask({ goPass: 'wrong' });
      const usual = texts();
      assert.ok(usual.size > 5, `${usual.size} statements`);
      for (const payload of SQL_PAYLOADS) {
        await ask({ lead_id: payload });
        await ask({ lead_id: '', phone_number: payload });
        await ask({ lead_id: '', phone_number: `5587654321${payload}` });
        await ask({ goUser: `nobody${payload}` });
      }
      assert.deepEqual(
        [...texts()].filter((text) => !usual.has(text)),
        [],
      );
    } finally {
      await running.close();
    }
  });
});
