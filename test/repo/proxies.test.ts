/** The configurations of nginx and Caddy in docs/security.md, run as they stand there, but for ports and paths. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';

import type { LookupEvent } from '../../src/core/lookup-event.ts';
import { PASSWORD } from '../service/lookup-fixture.ts';
import { LEADS, PATH, queryFor, startFilledApp } from '../http/raw-socket.ts';
import { findFreePort } from '../support/free-port.ts';
import { documentedConfig, startFrontProxy, writeNginxConfig } from '../support/front-proxy.ts';
import { assertNothingLeaks } from '../support/leaks.ts';
import { makeToken } from '../support/made-token.ts';
import { findProgram, skipWithout } from '../support/programs.ts';
import { makeSelfSigned } from '../support/self-signed.ts';
import { send, temporaryFolder } from '../support/test-app.ts';
import { until } from '../support/until.ts';

const SECRET = 'planted-secret, but wrong';

interface Proxy {
  readonly program: 'nginx' | 'caddy';
  readonly debianPackage: string;
  /** Writes the configuration of the page, moved to this folder and these addresses; returns the arguments. */
  readonly write: (folder: string, port: number, target: string) => Promise<readonly string[]>;
}

const PAGE = 'docs/security.md';

const NGINX: Proxy = {
  program: 'nginx',
  debianPackage: 'nginx-light',
  async write(folder, port, target) {
    const { tlsCert, tlsKey } = await makeSelfSigned();
    const servers = documentedConfig(PAGE, 'nginx', {
      '127.0.0.1:8080': target,
      'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
      '/etc/ssl/api.example.com.pem': tlsCert,
      '/etc/ssl/private/api.example.com.key': tlsKey,
      '/var/log/nginx/': `${folder}/`,
    });
    return writeNginxConfig(folder, servers);
  },
};

const CADDY: Proxy = {
  program: 'caddy',
  debianPackage: 'caddy',
  async write(folder, port, target) {
    const { tlsCert, tlsKey } = await makeSelfSigned();
    const moved = documentedConfig(PAGE, 'caddy', {
      '127.0.0.1:8080': target,
      // Caddy gets a certificate by itself, for a name that the internet knows.
      '\napi.example.com {': `\nhttps://127.0.0.1:${port} {\n\ttls ${tlsCert} ${tlsKey}`,
      '/var/log/caddy/': `${folder}/`,
    });
    const globals = '{\n\tadmin off\n\tauto_https disable_redirects';
    writeFileSync(join(folder, 'Caddyfile'), moved.replace(/^\{/, globals));
    return ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
  },
};

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

interface Running {
  readonly url: string;
  readonly ask: (target: string, asked?: Asked) => Promise<Answered>;
  /** Everything that it wrote: its files and what it said. */
  readonly end: () => Promise<string>;
}

async function startProxy(t: TestContext, proxy: Proxy, target: string): Promise<Running> {
  const folder = temporaryFolder();
  const port = await findFreePort();
  const args = await proxy.write(folder, port, target);
  const url = `https://127.0.0.1:${port}`;
  const ask = (asked: string, how: Asked = {}) => exchange(`${url}${asked}`, how);
  const { said, stop } = await startFrontProxy(proxy.program, args, folder, () =>
    ask(PATH).then(
      () => true,
      () => false,
    ),
  );
  t.after(stop);
  return {
    url,
    ask,
    async end() {
      await stop();
      const logs = readdirSync(folder, { withFileTypes: true }).filter(
        (entry) => entry.isFile() && entry.name.endsWith('.log'),
      );
      return [...logs.map(({ name }) => readFileSync(join(folder, name), 'utf8')), await said].join('\n');
    },
  };
}

/** What a proxy answers; what callercard says in it is searched. */
async function exchange(url: string, { body, ...asked }: Asked): Promise<Answered> {
  const incoming = await answerOf(begin(url, asked, body));
  const answer = { status: incoming.statusCode ?? 0, headers: incoming.headers, text: await text(incoming) };
  // It names itself in its headers, and in what it says where there is no callercard.
  if (answer.status !== 502) assertNothingLeaks({ headers: {}, text: answer.text });
  return answer;
}

function begin(url: string, asked: Omit<Asked, 'body'>, body?: string): ClientRequest {
  return request(url, { ...asked, rejectUnauthorized: false, agent: false }).end(body);
}

async function answerOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return incoming;
}

/** An event stream as it comes through. */
async function listen(t: TestContext, url: string, cookie: string) {
  const outgoing = begin(`${url}/card/events`, { headers: { cookie } });
  t.after(() => outgoing.destroy());
  const incoming = await answerOf(outgoing);
  let heard = '';
  incoming.setEncoding('utf8').on('data', (part: string) => (heard += part));
  incoming.on('error', () => undefined);
  return { status: incoming.statusCode, heard: () => heard };
}

/** What a browser keeps: the cookies of an answer. */
function cookiesOf({ headers }: Answered): string {
  return (headers['set-cookie'] ?? []).map((line) => line.replace(/;.*/, '')).join('; ');
}

/** Signs in as a browser does. @returns the session's cookie */
async function signIn({ ask }: Running): Promise<string> {
  const form = await ask('/card');
  const token = /name="token" value="([^"]*)"/.exec(form.text)?.[1] ?? '';
  const answer = await ask('/card/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: cookiesOf(form) },
    body: new URLSearchParams({ token, user: 'crm', password: PASSWORD }).toString(),
  });
  assert.equal(answer.status, 303, answer.text);
  const [session = ''] = cookiesOf(answer)
    .split('; ')
    .filter((pair) => /^\S+=./.test(pair));
  return session;
}

function jsonOf(value: unknown, token: string): Asked {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  return { method: 'POST', headers, body: JSON.stringify(value) };
}

for (const proxy of [NGINX, CADDY]) {
  const { program, debianPackage } = proxy;
  const skip = skipWithout(program, findProgram(program) !== undefined, debianPackage);
  describe(`${program} in front, as docs/security.md has it`, { skip, timeout: 240_000 }, () => {
    it('10: forwards request and client address, whatever address a client claims', async (t) => {
      const events: LookupEvent[] = [];
      const running = await startFilledApp({
        config: { trustedProxies: ['127.0.0.1'] },
        onEvent: (event) => events.push(event),
      });
      t.after(() => running.close());
      const { ask } = await startProxy(t, proxy, new URL(running.url).host);
      const forged = { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Host': 'other.example' };
      const { status, text: said } = await ask(`${PATH}?${queryFor({ lead_id: '7' })}`, { headers: forged });
      assert.equal(status, 200);
      assert.match(said, /^\{"result":"success",.*"lead_id":7,/);
      const [event] = events;
      assert.equal(event?.address, '127.0.0.1');
    });

    it('26: logs no password and no token, of forwarded and of failed requests', async (t) => {
      const running = await startFilledApp({ config: { trustedProxies: ['127.0.0.1'] } });
      let closed: Promise<void> | undefined;
      const close = () => (closed ??= running.close());
      t.after(close);
      const token = makeToken(running.store, { name: 'pbx', scope: ['caller-id'] });
      const served = await startProxy(t, proxy, new URL(running.url).host);
      const { ask, end } = served;
      const wrong = `${PATH}?${queryFor({ lead_id: '7', goPass: SECRET })}`;
      const callerId = `/v1/caller-id/${token}?phone=5500000007`;
      const session = await signIn(served);
      assert.equal((await ask(wrong)).text, '{"result":"error","message":"Invalid Username/Password"}');
      assert.equal((await ask(callerId)).text, 'Ñandú 7');
      assert.equal((await ask('/card?phone=5500000007', { headers: { cookie: session } })).status, 303);
      await close();
      for (const target of [wrong, callerId]) assert.equal((await ask(target)).status, 502);
      const written = await end();
      for (const path of [PATH, '/v1/caller-id/', '/card'])
        assert.ok(written.includes(path), `it does write ${path} down`);
      const [, secret = ''] = session.split('=');
      assert.ok(secret.length > 40);
      for (const part of ['planted-secret', 'goPass', 'lead_id', token, '5500000007', secret])
        assert.ok(!written.includes(part), part);
    });

    it('serves the card: a Secure cookie, and call notifications at once', async (t) => {
      const running = await startFilledApp({ config: { trustedProxies: ['127.0.0.1'] } });
      t.after(() => running.close());
      const served = await startProxy(t, proxy, new URL(running.url).host);
      const cookie = await signIn(served);
      assert.match(cookie, /^__Host-callercard=/);
      const { status, heard } = await listen(t, served.url, cookie);
      assert.equal(status, 200);
      const call = { user: 'crm', phone: '5500000007' };
      const token = makeToken(running.store, { name: 'pbx' });
      assert.equal((await served.ask('/v1/calls', jsonOf(call, token))).status, 202);
      await until('the call', () => /^event: call\ndata: \{"phone":"5500000007"/m.test(heard()));
      const { headers } = await served.ask('/card?phone=5500000007', { headers: { cookie } });
      const card = await served.ask(headers.location ?? '', { headers: { cookie } });
      assert.match(card.text, /Ñandú 7/);
      const [, style = ''] = /href="(\/card\/[^"]+\.css)"/.exec(card.text) ?? [];
      assert.match(String((await served.ask(style)).headers['content-type']), /^text\/css/);
    });

    it('forwards a lookup of 1,000 items, and refuses larger bodies than the server does', async (t) => {
      const running = await startFilledApp({ config: { trustedProxies: ['127.0.0.1'], rateLimit: 5_000 } });
      t.after(() => running.close());
      const { ask } = await startProxy(t, proxy, new URL(running.url).host);
      const token = makeToken(running.store, { name: 'crm' });
      const look = (count: number, length: number) => {
        const items = Array.from({ length: count }, (_, at) => ({
          phone: String(5_500_000_001 + (at % LEADS)).padEnd(length),
        }));
        return ask('/v1/leads/lookup', jsonOf({ items }, token));
      };
      const many = await look(1_000, 200);
      assert.equal(many.status, 200, many.text);
      const { results } = JSON.parse(many.text) as { results: readonly { lead?: { lead_id: number } }[] };
      assert.equal(results.length, 1_000);
      assert.ok(results.every(({ lead }, at) => lead?.lead_id === 1 + (at % LEADS)));
      // The server answers by the length alone and closes: a proxy that still sends may see the end before the answer.
      const { status } = await look(1_000, 300);
      assert.ok(status === 413 || status === 502, String(status));
    });

    it('serves the console with its files, and takes parts of files as large as the server does', async (t) => {
      const running = await startFilledApp({ config: { trustedProxies: ['127.0.0.1'] } });
      t.after(() => running.close());
      const { ask } = await startProxy(t, proxy, new URL(running.url).host);
      const signIn = await ask('/console');
      assert.match(signIn.text, /action="\/console\/sign-in"/);
      const [, style = ''] = /href="(\/[^"]+\.css)"/.exec(signIn.text) ?? [];
      assert.match(String((await ask(style)).headers['content-type']), /^text\/css/);
      assert.equal((await ask('/', { headers: { accept: 'text/html' } })).headers.location, '/card');
      const token = makeToken(running.store, { name: 'importer', scope: ['read', 'edit'] });
      const authorization = `Bearer ${token}`;
      const size = 4 * 1024 * 1024;
      const begun = await ask('/v1/imports', jsonOf({ name: 'many.csv', size }, token));
      assert.equal(begun.status, 201, begun.text);
      const { id } = JSON.parse(begun.text) as { readonly id: string };
      const sent = await ask(`/v1/imports/${id}/parts/0`, {
        method: 'PUT',
        headers: { authorization, 'content-type': 'application/octet-stream' },
        body: 'phone\n'.padEnd(size, '5'),
      });
      assert.equal(sent.status, 200, sent.text);
    });

    it('serves the API reference and the 3CX template, and nothing internal', async (t) => {
      const running = await startFilledApp({ config: { trustedProxies: ['127.0.0.1'] } });
      t.after(() => running.close());
      const { ask } = await startProxy(t, proxy, new URL(running.url).host);
      for (const target of ['/docs', '/docs/problems/rate_limited', '/openapi.json'])
        assert.equal((await ask(target)).status, 200, target);
      assert.match((await ask('/integrations/3cx.xml')).text, /<Request Url="https:\/\/127\.0\.0\.1/);
      for (const target of ['/metrics', '/healthz', '/readyz', '/cards', '/consoles', '/docsy']) {
        const { text: said } = await ask(target);
        assert.ok(!/callercard_|"ok"|ready/.test(said), target);
        assert.equal((await send(running.url, target)).status === 200, /metrics|healthz|readyz/.test(target));
      }
    });
  });
}
