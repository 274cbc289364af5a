import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { it } from 'node:test';

import { PASSWORD } from '../service/lookup-fixture.ts';
import { readXml } from '../endpoints/goapi/read-xml.ts';
import { basic } from '../support/authorization.ts';
import { send } from '../support/test-app.ts';
import { ask, attackBoth, LEAD, parametersWith, STORED_SCRIPT, WAYS } from './attacked-servers.ts';
import { ATTACK_FILES } from './payloads.ts';

/**
 * What was published about systems of this family in fifteen years, each tried here. The sources are the entries of the
 * CVE list; where one is about a page that this product does not have, its idea is tried where it would fit.
 */
const INVALID = '{"result":"error","message":"Invalid Username/Password"}';

attackBoth('published flaws', (attacked) => {
  const url = () => attacked().url;
  /** Asks with these in place of the good ones, every way. */
  async function refused(changes: Readonly<Record<string, string>>): Promise<void> {
    for (const way of WAYS) assert.equal((await ask(url(), parametersWith(changes), way)).text, INVALID);
  }

  it('CVE-2009-2234: SQL in HTTP Basic credentials does not log in', async () => {
    for (const [name, password] of [
      ["admin' OR '1'='1", 'x'],
      ['admin', "x' OR '1'='1"],
      ["' UNION SELECT 1,2,3 -- ", ''],
    ] as const) {
      const parameters = parametersWith({ goUser: '', goPass: '' });
      assert.equal((await ask(url(), parameters, 'GET', basic(name, password))).text, INVALID);
    }
  });

  it('CVE-2013-4467: SQL in a session name or an extension reaches no statement', async () => {
    const usual = await ask(url(), parametersWith({}));
    const extra = {
      session_name: "' OR SLEEP(5) -- ",
      extension: "1' UNION SELECT pass FROM vicidial_users -- ",
    };
    for (const way of WAYS) assert.equal((await ask(url(), parametersWith(extra), way)).text, usual.text);
  });

  it('CVE-2013-4468, CVE-2015-2845, CVE-2025-34099: nothing that is sent reaches a shell', async () => {
    const commands = [
      '; touch /tmp/callercard-attack',
      '`touch /tmp/callercard-attack`',
      '$(touch /tmp/callercard-attack)',
    ];
    for (const [at, command] of commands.entries()) {
      // The password went to a hashing script there.
      await refused({ goUser: `shell${at}`, goPass: command });
      await refused({ goUser: `shell${at}${command}`, goPass: 'x' });
      const extra = { extension: command, type: command, channel: command, stage: command };
      assert.match((await ask(url(), parametersWith(extra))).text, /"success"/);
      await ask(url(), parametersWith({ lead_id: command }));
      await send(url(), `/goAPIv2/goAgent/goAPI.php/${encodeURIComponent(command)}`);
    }
    for (const file of ATTACK_FILES) assert.ok(!existsSync(file), file);
  });

  it('CVE-2013-7382: the default accounts of every installation do not log in', async () => {
    for (const goUser of ['VDAD', 'VDCL', 'vdad', 'VDAD ', '6666', 'admin', 'goadmin', 'root']) {
      for (const goPass of ['donotedit', '1234', 'admin', 'goautodial', 'vicidialnow', '']) {
        assert.doesNotMatch((await ask(url(), parametersWith({ goUser, goPass }))).text, /success|Bruno/);
      }
    }
  });

  it('CVE-2015-2842: no uploaded file is stored, whatever its name', async () => {
    const body = [
      '--limit\r\nContent-Disposition: form-data; name="audiofile"; filename="../../callercard-attack.php"',
      'Content-Type: audio/wav\r\n\r\n<?php system("id"); ?>\r\n--limit--\r\n',
    ].join('\r\n');
    const headers = { 'content-type': 'multipart/form-data; boundary=limit' };
    const query = new URLSearchParams(parametersWith({})).toString();
    const answer = await send(url(), `/goAPIv2/goAgent/goAPI.php?${query}`, {
      method: 'POST',
      headers,
      body,
    });
    assert.match(answer.text, /"success"/);
    for (const path of [
      '/go_audiostore.php',
      '/audiostore/callercard-attack.php',
      '/callercard-attack.php',
    ]) {
      assert.equal((await send(url(), path)).status, 404);
    }
    for (const file of ATTACK_FILES) assert.ok(!existsSync(file), file);
  });

  it('CVE-2015-2843: SQL in user and password does not log in', async () => {
    await refused({ goUser: "crm' -- ", goPass: 'x' });
    await refused({ goUser: "x' UNION SELECT 'crm','x' -- ", goPass: 'x' });
    await refused({ goUser: 'other1', goPass: "' OR '1'='1" });
  });

  it('CVE-2021-43175: unknown, empty and structured users are refused, and so are empty passwords', async () => {
    await refused({ goUser: 'whoever', goPass: 'whatever' });
    await refused({ goUser: '', goPass: '' });
    await refused({ goUser: 'crm', goPass: '' });
    for (const body of [
      { goUser: 'victim90', goPass: 0 },
      { goUser: 'victim90', goPass: false },
      { goUser: 'victim90', goPass: null },
      { goUser: 'victim90', goPass: [] },
      { goUser: 'victim90', goPass: {} },
      { goUser: ['victim90'], goPass: [PASSWORD] },
      { goUser: 0, goPass: 0 },
      { goUser: true, goPass: true },
    ]) {
      const parameters = { goAction: 'goGetCustomerInfo', responsetype: 'json', lead_id: '14246', ...body };
      const headers = { 'content-type': 'application/json' };
      const path = '/goAPIv2/goAgent/goAPI.php';
      const answer = await send(url(), path, { method: 'POST', headers, body: JSON.stringify(parameters) });
      assert.equal(answer.text, INVALID, JSON.stringify(body));
    }
  });

  it('CVE-2021-43176: an action never names a file, before or after the login', async () => {
    for (const goAction of [
      '../../../../etc/passwd',
      '../goAPI',
      'goGetCustomerInfo/../goAPI',
      '/etc/passwd\0',
      '.',
    ]) {
      for (const changes of [{ goAction }, { goAction, goUser: 'nobody', goPass: 'x' }]) {
        const { text } = await ask(url(), parametersWith(changes));
        assert.equal(text, '{"result":"error","message":"Command NOT Found"}');
      }
    }
  });

  it('CVE-2021-46557, CVE-2022-34879: stored and sent scripts stay text, of a type that no browser runs', async () => {
    const json = await ask(url(), parametersWith({}));
    assert.equal(json.headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(json.headers['x-content-type-options'], 'nosniff');
    const { lead_info } = JSON.parse(json.text) as { lead_info: { comments: string } };
    assert.equal(lead_info.comments, STORED_SCRIPT);

    const xml = await ask(url(), parametersWith({ responsetype: 'xml' }));
    assert.equal(xml.headers['content-type'], 'application/xml; charset=utf-8');
    assert.doesNotMatch(xml.text, /<script|<img/);
    const info = readXml(xml.text).children.find(({ name }) => name === 'lead_info');
    assert.equal(info?.children.find(({ name }) => name === 'comments')?.text, STORED_SCRIPT);

    for (const responsetype of ['json', 'xml']) {
      for (const changes of [
        { goAction: STORED_SCRIPT },
        { lead_id: STORED_SCRIPT },
        { goUser: STORED_SCRIPT },
      ]) {
        const { headers, text } = await ask(url(), parametersWith({ ...changes, responsetype }));
        assert.match(String(headers['content-type']), /^application\/(?:json|xml); charset=utf-8$/);
        if (responsetype === 'xml') assert.doesNotMatch(text, /<script|<img/);
      }
    }
    const neither = await ask(url(), parametersWith({ responsetype: STORED_SCRIPT }));
    assert.match(String(neither.headers['content-type']), /^text\/plain/);
    assert.ok(!neither.text.includes('script'));
  });

  it('CVE-2022-34876, CVE-2022-34877, CVE-2022-34878: SQL of an authenticated user finds only leads that the user may see', async () => {
    for (const payload of [
      '14246 UNION SELECT 20001',
      "14246' OR lead_id=20001 -- ",
      '20001 OR 1=1',
      '0 OR list_id=200',
    ]) {
      const { text } = await ask(url(), parametersWith({ goUser: 'narrow', lead_id: payload }));
      assert.match(text, /"validation_failed"/);
      assert.doesNotMatch(text, /Hidden|success/);
    }
  });

  it('CVE-2024-8503: SQL that sleeps, in a user name, delays no answer', async () => {
    const before = performance.now();
    await refused({ goUser: "' OR IF(1=1,SLEEP(20),0) -- ", goPass: 'x' });
    await ask(
      url(),
      parametersWith({ goUser: '', goPass: '' }),
      'GET',
      basic("', '', '', '', (SELECT SLEEP(20)), '", 'x'),
    );
    assert.ok(performance.now() - before < 20_000);
  });

  it('CVE-2024-8504: an authenticated user changes no setting, file or command', async () => {
    for (const path of [
      '/admin.php',
      '/agc/api.php',
      '/non_agent_api.php',
      '/goAPIv2/goSettings/goAPI.php',
      '/.env',
    ]) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
        const { status, text } = await send(url(), `${path}?user=crm&pass=${PASSWORD}&function=update`, {
          method,
        });
        assert.equal(status, 404, `${method} ${path}`);
        assert.equal(text, '{"result":"error","message":"Not Found"}');
      }
    }
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      assert.equal((await send(url(), '/goAPIv2/goAgent/goAPI.php', { method })).status, 405);
    }
    assert.match((await ask(url(), parametersWith({ lead_id: String(LEAD.lead_id) }))).text, /"success"/);
  });

  it('8: a stored hash is not a password', async () => {
    const { CHEAP_VERIFIER } = await import('../service/lookup-fixture.ts');
    await refused({ goUser: 'victim91', goPass: CHEAP_VERIFIER });
  });
});
