import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { it } from 'node:test';

import { PASSWORD } from '../service/lookup-fixture.ts';
import { basic } from '../support/authorization.ts';
import type { Answer } from '../support/test-app.ts';
import {
  ask,
  attackBoth,
  FORMATS,
  HIDDEN,
  LEAD,
  parametersWith,
  WAYS,
  type Attacked,
  type Parameters,
} from './attacked-servers.ts';
import { ATTACK_FILES, COMMAND_PAYLOADS, FILE_PAYLOADS, SQL_PAYLOADS } from './payloads.ts';

const PAYLOADS = [...SQL_PAYLOADS, ...COMMAND_PAYLOADS, ...FILE_PAYLOADS];
const NOBODY = 'q8f3kz0w';

/** The same request goes through each way; all answers are the same. */
async function askEveryWay(
  { url }: Attacked,
  changes: Parameters,
  format: (typeof FORMATS)[number],
): Promise<Answer> {
  const [first, ...others] = await Promise.all(
    WAYS.map((way) => ask(url, parametersWith({ ...changes, responsetype: format }), way)),
  );
  assert.ok(first !== undefined);
  for (const other of others) {
    assert.deepEqual([other.status, other.text], [first.status, first.text], JSON.stringify(changes));
  }
  return first;
}

/** HOLD: the server lives, the next good request succeeds, and nothing was made on the disk. */
async function hold({ url }: Attacked, goUser = 'crm'): Promise<void> {
  const { status, text } = await ask(url, parametersWith({ goUser }));
  assert.equal(status, 200);
  assert.match(text, /success/);
  assert.equal((JSON.parse(text) as { lead_info: { first_name: string } }).lead_info.first_name, 'Bruno');
  for (const file of ATTACK_FILES) assert.ok(!existsSync(file), file);
}

attackBoth('injection', (attacked) => {
  for (const format of FORMATS) {
    it(`3: SQL, a command or a file as the user name is an unknown user (${format})`, async () => {
      const usual = await ask(attacked().url, parametersWith({ goUser: NOBODY, responsetype: format }));
      assert.ok(usual.text.includes('Invalid Username/Password'));
      for (const [at, payload] of PAYLOADS.entries()) {
        // Each name once: what is asked here is not the lock.
        const answer = await ask(
          attacked().url,
          parametersWith({ goUser: `${format}${at}${payload}`, responsetype: format }),
          WAYS[at % WAYS.length],
        );
        assert.deepEqual([answer.status, answer.text], [usual.status, usual.text], payload);
      }
      await hold(attacked());
    });

    it(`3: SQL or a command as the password is a wrong password (${format})`, async () => {
      const usual = await ask(attacked().url, parametersWith({ goUser: NOBODY, responsetype: format }));
      for (const [at, payload] of PAYLOADS.entries()) {
        const goUser = `victim${at + (format === 'json' ? 0 : PAYLOADS.length)}`;
        for (const goPass of [payload, PASSWORD + payload, payload + PASSWORD]) {
          const parameters = parametersWith({ goUser, goPass, responsetype: format });
          const answer = await ask(attacked().url, parameters, WAYS[at % WAYS.length]);
          assert.deepEqual([answer.status, answer.text], [usual.status, usual.text], goPass);
        }
        await hold(attacked(), goUser);
      }
    });

    it(`3: SQL as the lead id or the phone number finds no lead, by any method and encoding (${format})`, async () => {
      for (const payload of PAYLOADS) {
        for (const value of [payload, `${LEAD.lead_id}${payload}`]) {
          const { status, text } = await askEveryWay(attacked(), { lead_id: value }, format);
          assert.ok(status === 200 || status === 400, text);
          assert.ok(!/success|Bruno|Hidden/.test(text), `${value}: ${text}`);
        }
        const byNumber = await askEveryWay(attacked(), { lead_id: '', phone_number: payload }, format);
        assert.ok(!/success|Bruno|Hidden/.test(byNumber.text), payload);
      }
      await hold(attacked());
    });

    it(`4: a path, a class or a command as the action is an unknown action (${format})`, async () => {
      const usual = await askEveryWay(attacked(), { goAction: NOBODY }, format);
      // The XML tells the action as it was sent, and SQL in an answer is what no test lets pass.
      const sql = format === 'json' ? SQL_PAYLOADS : [];
      for (const goAction of [...FILE_PAYLOADS, ...COMMAND_PAYLOADS, '__proto__', 'toString', ...sql]) {
        const { status, text } = await askEveryWay(attacked(), { goAction }, format);
        assert.equal(status, usual.status);
        assert.ok(text.includes('Command NOT Found'), `${goAction}: ${text}`);
        assert.ok(!text.includes('root:'), text);
      }
      await hold(attacked());
    });
  }

  it('14, 18: parameters of goAPIv2 and property names of JavaScript change nothing', async () => {
    const usual = await ask(attacked().url, parametersWith({}));
    const names = [
      'session_user',
      'log_user',
      'log_pass',
      'log_ip',
      'hostname',
      'debugX',
      'DB',
      'DBX',
      'function',
    ];
    for (const name of [...names, '__proto__', 'constructor', 'toString', 'prototype', 'valueOf']) {
      for (const way of WAYS) {
        const { text } = await ask(attacked().url, parametersWith({ [name]: 'admin' }), way);
        assert.equal(text, usual.text, `${name}, ${way}`);
      }
    }
  });

  it('3: SQL in headers and paths changes nothing', async () => {
    const usual = await ask(attacked().url, parametersWith({}));
    for (const payload of [...SQL_PAYLOADS, ...COMMAND_PAYLOADS].filter((text) => /^[ -~]+$/.test(text))) {
      const headers = {
        'user-agent': payload,
        referer: payload,
        cookie: payload,
        'x-forwarded-for': payload,
      };
      const { text } = await ask(attacked().url, parametersWith({}), 'GET', {
        ...headers,
        ...basic(payload, payload),
      });
      assert.equal(text, usual.text, payload);
    }
  });

  it('12: SQL around the id or the number of a hidden lead does not reveal it', async () => {
    const narrow = (changes: Parameters) =>
      ask(attacked().url, parametersWith({ goUser: 'narrow', ...changes }));
    assert.match((await narrow({})).text, /success/);
    const byId = await narrow({ lead_id: String(HIDDEN.lead_id) });
    assert.equal(
      byId.text,
      `{"result":"error","message":"Lead ID '${HIDDEN.lead_id}' does NOT exist on the database"}`,
    );
    for (const payload of SQL_PAYLOADS) {
      for (const value of [`${HIDDEN.lead_id}${payload}`, `${payload}${HIDDEN.lead_id}`]) {
        assert.doesNotMatch((await narrow({ lead_id: value })).text, /Hidden|success/);
      }
      const number = { lead_id: '', phone_number: `${HIDDEN.phone_number}${payload}` };
      assert.doesNotMatch((await narrow(number)).text, /Hidden|success/);
    }
  });

  it("3: no statement that reaches a dialer's database holds any of it", async (t) => {
    const { runRootSql } = attacked();
    if (runRootSql === undefined) {
      t.diagnostic('the embedded store has no server: its statements are all prepared when it is opened');
      return;
    }
    await runRootSql(
      "SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = ON",
    );
    for (const payload of SQL_PAYLOADS) {
      await ask(attacked().url, parametersWith({ goUser: `log${payload}`, lead_id: '1' }));
      await ask(attacked().url, parametersWith({ lead_id: '', phone_number: `55${payload}` }));
      await hold(attacked());
    }
    await runRootSql('SET GLOBAL general_log = OFF');
    const log = (await runRootSql(
      "SELECT command_type AS kind, CONVERT(argument USING utf8mb4) AS sql_text FROM mysql.general_log WHERE user_host LIKE 'callercard%'",
    )) as readonly { kind: string; sql_text: string }[];
    // `Execute` may be logged with its values written in and escaped; what was sent are the texts of the other kinds.
    const sent = log.filter(({ kind }) => kind !== 'Execute').map(({ sql_text }) => sql_text);
    for (const payload of SQL_PAYLOADS.filter((one) => one.length > 3)) {
      for (const text of sent) assert.ok(!text.includes(payload), `${payload} is in ${text}`);
    }
    const executed = log.length - sent.length;
    assert.ok(executed >= SQL_PAYLOADS.length, `${executed} statements were executed`);
  });
});
