/** The requests of docs/integrations, taken from the pages and sent as the real clients send them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

import { openEvents } from '../support/event-stream.ts';
import { createCardClient } from '../endpoints/card/card-fixture.ts';
import { loadDataset } from '../support/dataset.ts';
import { assertNothingLeaks } from '../support/leaks.ts';
import { makeToken } from '../support/made-token.ts';
import { readPage, tableBelow, uncode } from '../support/markdown.ts';
import { findProgram, skipWithout } from '../support/programs.ts';
import { send, startTestApp, temporaryFolder, type TestApp } from '../support/test-app.ts';
import { until } from '../support/until.ts';

const ADDRESS = 'https://callercard.example.com';
const BRUNO = 'Bruno M Macias';
const skip = skipWithout('curl', findProgram('curl') !== undefined, 'curl');

describe('docs/integrations', { skip }, () => {
  let target: TestApp;
  let tokens = { 'caller-id': '', api: '' };

  before(async () => {
    target = await startTestApp(temporaryFolder(), loadDataset);
    tokens = {
      'caller-id': makeToken(target.store, { name: 'telephones', scope: ['caller-id'] }),
      api: makeToken(target.store, { name: 'programs' }),
    };
  });
  after(() => target.close());

  /** What a telephone system's own libcurl sends; its body is what it takes, whatever the status. */
  async function curl(agent: string, ...args: readonly string[]): Promise<string> {
    const own = ['--silent', '--noproxy', '*', '--max-time', '60', '--user-agent', agent];
    const { stdout } = await promisify(execFile)('curl', [...own, ...args]);
    assertNothingLeaks({ headers: {}, text: stdout });
    return stdout;
  }

  /** A line of a page, with the address and token of this run. */
  function here(text: string, scope: keyof typeof tokens): string {
    return text.replaceAll(ADDRESS, target.url).replaceAll('TOKEN', tokens[scope]);
  }

  describe('asterisk.md', () => {
    const AGENT = 'asterisk-libcurl-agent/1.0';
    const lines = readPage('docs/integrations/asterisk.md')
      .blocks.filter(({ language }) => language === 'asterisk')
      .flatMap(({ text }) => text.split('\n'));
    const curls = lines.flatMap((line) => {
      const at = line.indexOf('${CURL(');
      return at < 0 ? [] : [line.slice(at + 7, line.lastIndexOf(')})'))];
    });

    /** What Asterisk makes of a line for a call from this number. */
    function fillIn(line: string, number: string): string {
      return line
        .replaceAll(/\$\{URIENCODE\(\$\{(?:CALLERID|CONNECTEDLINE)\(num\)\}\)\}/g, encodeURIComponent(number))
        .replaceAll('${URIENCODE(${AGENT})}', 'MyUser')
        .replaceAll('${URIENCODE(${UNIQUEID})}', '1795814400.42');
    }

    it('asks for the name, and gets nothing for an unknown number', async () => {
      const [name = ''] = curls;
      for (const number of ['8004321000', '+528004321000']) {
        assert.equal(await curl(AGENT, here(fillIn(name, number), 'caller-id')), BRUNO);
      }
      for (const number of ['5500000000', 'anonymous', ''])
        assert.equal(await curl(AGENT, here(fillIn(name, number), 'caller-id')), '');
      const more = tableBelow(readPage('docs/integrations/asterisk.md').text, '| add to the address').map(
        ([parameter = '']) => uncode(parameter),
      );
      assert.deepEqual(more, ['&ascii=1', '&fallback=New%20caller']);
      const address = (number: string) => here(fillIn(name, number), 'caller-id') + more.join('');
      assert.equal(await curl(AGENT, address('8004321000')), BRUNO);
      assert.equal(await curl(AGENT, address('5500000000')), 'New caller');
    });

    it('asks for the hash', async () => {
      const text = await curl(AGENT, here(fillIn(curls[1] ?? '', '8004321000'), 'caller-id'));
      // As hashcompat reads it: pairs between &, each side percent-decoded.
      const hash = new Map(
        text.split('&').map((pair) => pair.split('=').map(decodeURIComponent) as [string, string]),
      );
      assert.deepEqual([hash.get('name'), hash.get('lead_id')], [BRUNO, '14246']);
      const used = lines.flatMap((line) =>
        [...line.matchAll(/\$\{HASH\(caller,(\w+)\)\}/g)].map(([, key]) => key),
      );
      assert.ok(used.length >= 4);
      assert.doesNotMatch([...hash.values()].join(''), /[()[\]]/);
      for (const key of used) assert.ok(hash.has(key ?? ''), key);
    });

    it('shows the card', async () => {
      const agent = createCardClient(target.url);
      await agent.signIn();
      const cookie = `callercard=${agent.cookies.get('callercard') ?? ''}`;
      const card = await openEvents(target.url, '/card/events', { cookie });
      const [url = '', form = ''] = here(fillIn(curls[2] ?? '', '8004321000'), 'api').split(/,(.*)/s);
      const subroutine = lines.slice(lines.indexOf('[agentpop]'));
      const header = /CURLOPT\(httpheader\)=(.*)\)$/.exec(
        subroutine.find((line) => line.includes('httpheader')) ?? '',
      )?.[1];
      // Another channel has no limits but its own.
      for (const limit of ['conntimeout', 'httptimeout'])
        assert.ok(
          subroutine.some((line) => line.includes(`CURLOPT(${limit})`)),
          limit,
        );
      const answer = await curl(AGENT, '--header', here(header ?? '', 'api'), '--data', form, url);
      assert.match(answer, /^\{"call":/);
      const [event] = await card.untilEvents(1);
      assert.deepEqual([event?.data.phone, event?.data.call_id], ['8004321000', '1795814400.42']);
      card.close();
    });
  });

  it('README.md: the lines for curl and live pop do what they say', async () => {
    const lines = tableBelow(readPage('README.md').text, '## In one line each');
    const run = async (what: string) => {
      const cell = lines.find(([name]) => name === what)?.[1] ?? '';
      const [, line = ''] = /^`curl ([^`]+)`/.exec(cell) ?? [];
      const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
      return curl('curl/8', ...args.map((arg) => arg.replace('http://127.0.0.1:8080', target.url)));
    };
    assert.match(await run('curl'), /"total":1,.*"last_name":"Macias"/);
    assert.match(await run('live pop'), /^\{"call":"[\w-]{12}"\}$/);
    const [, address = ''] = /`http:\/\/127\.0\.0\.1:8080(\/card\S+)`/.exec(readPage('README.md').text) ?? [];
    const agent = createCardClient(target.url);
    await agent.signIn();
    assert.match((await agent.get(address)).text, /Macias/);
  });

  it('freepbx.md: the fields make a URL that brings the name', async () => {
    const fields = new Map(
      tableBelow(readPage('docs/integrations/freepbx.md').text, '| field').map(([name = '', value = '']) => [
        name,
        uncode(value),
      ]),
    );
    /** What its dialplan asks for, for a call with a number and a carrier's name. */
    const queryOf = (number: string, name: string) =>
      here(fields.get('Query') ?? '', 'caller-id')
        .replace('[NUMBER]', number)
        .replace('${URIENCODE(${CALLERID(name)})}', encodeURIComponent(name));
    const path = fields.get('Path') ?? '';
    const AGENT = 'asterisk-libcurl-agent/1.0';
    for (const host of [`${target.url}/`, `${target.url}//`]) {
      assert.equal(await curl(AGENT, `${host}${path}?${queryOf('8004321000', 'MX 52')}`), BRUNO);
      assert.equal(
        await curl(AGENT, `${host}${path}?${queryOf('5500000000', 'Línea “2” & Co')}`),
        'Línea “2” & Co',
      );
      assert.equal(await curl(AGENT, `${host}${path}?${queryOf('anonymous', '')}`), '');
    }
    // With user and password in place of the token.
    const withUser = target.url.replace('://', '://MyUser:MyPass@');
    assert.equal(await curl(AGENT, `${withUser}/${path}?phone=8004321000`), BRUNO);
    assert.equal(await curl(AGENT, `${withUser.replace('MyPass', 'x')}/${path}?phone=8004321000`), '');
    const [, superfecta = ''] =
      /`(https:\S+\$thenumber)`/.exec(readPage('docs/integrations/freepbx.md').text) ?? [];
    assert.equal(await curl('', here(superfecta, 'caller-id').replace('$thenumber', '8004321000')), BRUNO);
  });

  it('freepbx.md: its dialplan, and the test command, open the card', async () => {
    const { blocks } = readPage('docs/integrations/freepbx.md');
    const agent = createCardClient(target.url);
    await agent.signIn();
    const cookie = `callercard=${agent.cookies.get('callercard') ?? ''}`;
    const card = await openEvents(target.url, '/card/events', { cookie });
    const line = /\$\{CURL\((.*)\)\}\)$/m.exec(blocks.map(({ text }) => text).join('\n'))?.[1] ?? '';
    const filled = line
      .replace('${URIENCODE(${AGENT})}', 'MyUser')
      .replace('${URIENCODE(${CALLERID(num)})}', encodeURIComponent('+528004321000'))
      .replace('${URIENCODE(${UNIQUEID})}', '1795814400.43');
    const [url = '', form = ''] = here(filled, 'api').split(/,(.*)/s);
    assert.match(form, /^user=MyUser&phone=%2B528004321000&call_id=1795814400\.43&direction=inbound$/);
    const header = ['--header', here('Authorization: Bearer TOKEN', 'api')];
    const AGENT = 'asterisk-libcurl-agent/1.0';
    assert.match(await curl(AGENT, ...header, '--data', form, url), /^\{"call":/);
    const [, command = ''] = /^ *curl (.+)$/m.exec(blocks.map(({ text }) => text).join('\n')) ?? [];
    const args = [...here(command, 'api').matchAll(/'([^']*)'|(\S+)/g)].map(
      ([, quoted, bare]) => quoted ?? bare ?? '',
    );
    assert.match(await curl('curl/8', ...args), /^\{"call":/);
    const heard = () =>
      card.events.filter(({ data }) => data.replayed === false).map(({ data }) => data.phone);
    await until('both are heard', () => heard().length === 2);
    assert.deepEqual(heard(), ['+528004321000', '8004321000']);
    card.close();
  });

  it('freeswitch.md: the curl application notifies digits alone', async () => {
    const text = readPage('docs/integrations/freeswitch.md')
      .blocks.map((block) => block.text)
      .join('\n');
    const [, data = ''] = /application="curl" data="([^"]+)"/.exec(text) ?? [];
    const [, expression = ''] = /expression="([^"]+)"/.exec(text) ?? [];
    assert.equal(new RegExp(expression).exec('5512345678&lead_id=14246'), null);
    const [, number = ''] = new RegExp(expression).exec('+528004321000') ?? [];
    const [, url = '', header = '', type = '', form = ''] =
      /^(\S+) append_headers '([^']+)' content-type (\S+) post (.+)$/.exec(data.replaceAll('&amp;', '&')) ??
      [];
    const headers = ['--header', here(header, 'api'), '--header', `Content-Type: ${type}`];
    const body = form.replace('$1', number);
    assert.match(
      await curl('freeswitch-curl/1.0', ...headers, '--data', body, here(url, 'api')),
      /^\{"call":/,
    );
  });

  it('freeswitch.md: the URL brings the name within its 2 seconds, without a header of its own', async () => {
    const { blocks } = readPage('docs/integrations/freeswitch.md');
    const url = /name="url" value="([^"]+)"/.exec(blocks.map(({ text }) => text).join('\n'))?.[1] ?? '';
    const ask = (number: string) =>
      curl('freeswitch-cidlookup/1.0', here(url, 'caller-id').replace('${caller_id_number}', number));
    assert.equal(await ask('8004321000'), BRUNO);
    assert.equal(await ask('5500000000'), '');
  });

  it('3cx.md: the template asks and finds in the answer what it wants', async () => {
    const { text } = readPage('docs/integrations/3cx.md');
    assert.ok(text.includes(`${ADDRESS}/integrations/3cx.xml`));
    const template = (await send(target.url, '/integrations/3cx.xml')).text;
    assert.ok(!template.includes('cc_'));
    // As the templates that 3CX itself publishes have them.
    assert.match(template, /<Crm [^>]*Country="Global"/);
    assert.equal(template.split('<Filter />').length, template.split('<Variable ').length);
    const attribute = (name: string, of: string) =>
      new RegExp(`<${of}[^>]* ${name}="([^"]*)"`).exec(template)?.[1] ?? '';
    const url = attribute('Url', 'Request').replaceAll('&amp;', '&').replace('[Number]', '+528004321000');
    assert.ok(url.startsWith(target.url));
    const header = /Key="Authorization"[^>]*>([^<]+)</.exec(template)?.[1]?.replace('[Token]', tokens.api);
    const answer: unknown = JSON.parse(await curl('3CX', '--header', `Authorization: ${header ?? ''}`, url));
    const variables = new Map(
      [...template.matchAll(/<Variable Name="(\w+)" Path="([\w.]+)"/g)].map(([, name = '', path = '']) => [
        name,
        valueAt(answer, path.split('.')),
      ]),
    );
    variables.set('Number', '+528004321000');
    const outputs = Object.fromEntries(
      [...template.matchAll(/<Output Type="(\w+)"[^>]* Value="([^"]*)"/g)].map(
        ([, type = '', value = '']) => [
          type,
          value
            .replaceAll('&amp;', '&')
            .replace(/\[(\w+)\]/g, (_all, name: string) => String(variables.get(name))),
        ],
      ),
    );
    assert.equal(outputs.FirstName, 'Bruno');
    assert.equal(outputs.LastName, 'Macias');
    assert.equal(outputs.PhoneMobile, '8004321000');
    assert.equal(outputs.EntityId, '14246');
    assert.equal(outputs.ContactUrl, `${target.url}/card?lead=14246&phone=+528004321000`);
    assert.ok(
      valueAt(answer, (/<Rule Type="Any">([\w.]+)</.exec(template)?.[1] ?? '').split('.')) !== undefined,
    );
  });

  it('3cx.md: the template names the installation as the one who asks does, and nothing that is no host', async () => {
    const headers = { host: 'cards.example.net:8443' };
    const { text } = await send(target.url, '/integrations/3cx.xml', { headers });
    assert.match(text, /Url="http:\/\/cards\.example\.net:8443\/v1\/leads\?/);
    for (const host of ['"><x', 'a b', "a'b"]) {
      const answer = await send(target.url, '/integrations/3cx.xml', { headers: { host } });
      assert.ok(answer.status === 400 || answer.status === 404, host);
    }
  });

  it('vicidial.md: the web form opens the card of the lead', async () => {
    const fields = new Map(
      tableBelow(readPage('docs/integrations/vicidial.md').text, '| field').map(([name = '', value = '']) => [
        name,
        uncode(value),
      ]),
    );
    const webForm = fields.get('Web Form') ?? '';
    assert.match(webForm, /^VAR/);
    const url = new URL(
      here(webForm.slice('VAR'.length), 'api')
        .replace('--A--lead_id--B--', '14246')
        .replace('--A--phone_number--B--', '8004321000'),
    );
    const agent = createCardClient(target.url);
    await agent.signIn();
    const appended =
      'lead_id=14246&vendor_id=&list_id=22799125&phone_number=8004321000&title=&first_name=Bruno&user=MyUser&pass=planted';
    const opened = await agent.get(`/card?${appended}&phone_code=52&lead=`);
    assert.match(opened.text, /Macias/);
    const { status, text } = await agent.get(url.pathname + url.search);
    assert.equal(status, 200);
    assert.match(text, /Macias/);
  });
});

/** As 3CX walks a path: through lists by their first member. */
function valueAt(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (Array.isArray(value)) return valueAt(value[0], name === undefined ? [] : [name, ...rest]);
  if (name === undefined) return value;
  return typeof value === 'object' && value !== null
    ? valueAt((value as Readonly<Record<string, unknown>>)[name], rest)
    : undefined;
}
