/** The configurations of nginx and Caddy in docs/security.md, run as they stand there, but for ports and paths. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import type { LookupEvent } from '../../src/access/lookup-event.ts';
import { PATH, queryFor, startFilledApp } from '../http/raw-socket.ts';
import { plainEnvironment } from '../support/command.ts';
import { findFreePort } from '../support/free-port.ts';
import { assertNothingLeaks } from '../support/leaks.ts';
import { readPage } from '../support/markdown.ts';
import { findProgram, skipWithout } from '../support/programs.ts';
import { makeSelfSigned } from '../support/self-signed.ts';
import { temporaryFolder } from '../support/test-app.ts';

const STARTS_WITHIN_MS = 20_000;
const SECRET = 'planted-secret, but wrong';

interface Proxy {
  readonly program: 'nginx' | 'caddy';
  readonly debianPackage: string;
  /** Where callers reach it. */
  readonly scheme: 'http' | 'https';
  /** The block of the page, moved to this folder and these addresses; returns the arguments. */
  readonly write: (block: string, folder: string, port: number, target: string) => readonly string[];
}

/** Every text must be there: a page that says something else is not what is tested. */
function replaceAll(block: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((moved, [from, to]) => {
    assert.ok(moved.includes(from), `the page does not say ${from}`);
    return moved.replaceAll(from, to);
  }, block);
}

const NGINX: Proxy = {
  program: 'nginx',
  debianPackage: 'nginx-light',
  scheme: 'https',
  write(block, folder, port, target) {
    const { tlsCert, tlsKey } = makeSelfSigned();
    const server = replaceAll(block, {
      '127.0.0.1:8080': target,
      'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
      '/etc/ssl/api.example.com.pem': tlsCert,
      '/etc/ssl/private/api.example.com.key': tlsKey,
      '/var/log/nginx/': `${folder}/`,
    });
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    const isRoot = process.getuid?.() === 0;
    const frame = `${isRoot ? 'user root;' : ''} daemon off; worker_processes 1; pid ${folder}/pid;
      error_log ${folder}/start.log; events {} http { ${paths.join(' ')} access_log off;\n${server}\n}`;
    writeFileSync(join(folder, 'nginx.conf'), frame);
    return ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'start.log')];
  },
};

const CADDY: Proxy = {
  program: 'caddy',
  debianPackage: 'caddy',
  scheme: 'http',
  write(block, folder, port, target) {
    const moved = replaceAll(block, {
      '127.0.0.1:8080': target,
      '\napi.example.com {': `\nhttp://127.0.0.1:${port} {`,
      '/var/log/caddy/': `${folder}/`,
    });
    writeFileSync(join(folder, 'Caddyfile'), moved.replace(/^\{/, '{\n\tadmin off'));
    return ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
  },
};

interface Running {
  readonly ask: (query: string, headers?: Readonly<Record<string, string>>) => Promise<string>;
  /** Everything that it wrote: its files and what it said. */
  readonly end: () => Promise<string>;
}

async function startProxy(t: TestContext, proxy: Proxy, target: string): Promise<Running> {
  const block = readPage('docs/security.md').blocks.find(({ language }) => language === proxy.program);
  assert.ok(block !== undefined);
  const folder = temporaryFolder();
  const port = await findFreePort();
  const args = proxy.write(`${block.text}\n`, folder, port, target);
  const env = plainEnvironment({ HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder });
  const child = spawn(findProgram(proxy.program) ?? '', args, { env });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const closed = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    await closed;
  };
  t.after(stop);
  const ask = (query: string, headers = {}) =>
    get(`${proxy.scheme}://127.0.0.1:${port}${PATH}?${query}`, headers);
  const until = performance.now() + STARTS_WITHIN_MS;
  while ((await ask('').catch(() => undefined)) === undefined) {
    if (child.exitCode !== null || performance.now() > until)
      assert.fail((await stop().then(() => said)).join());
    await delay(50);
  }
  return {
    ask,
    async end() {
      await stop();
      const logs = readdirSync(folder, { withFileTypes: true }).filter(
        (entry) => entry.isFile() && entry.name.endsWith('.log'),
      );
      return [...logs.map(({ name }) => readFileSync(join(folder, name), 'utf8')), ...(await said)].join(
        '\n',
      );
    },
  };
}

function get(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const request = url.startsWith('https') ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    request(url, { headers, rejectUnauthorized: false, agent: false }, (incoming) => {
      text(incoming).then((body) => resolve(`${incoming.statusCode ?? 0} ${body}`), reject);
    })
      .on('error', reject)
      .end();
  });
}

for (const proxy of [NGINX, CADDY]) {
  const { program, debianPackage } = proxy;
  const skip = skipWithout(program, findProgram(program) !== undefined, debianPackage);
  describe(`${program} in front, as docs/security.md has it`, { skip, timeout: 60_000 }, () => {
    it('10: passes on what is asked and from where, whatever a client says of itself', async (t) => {
      const events: LookupEvent[] = [];
      const running = await startFilledApp({
        config: { trustedProxies: ['127.0.0.1'] },
        onEvent: (event) => events.push(event),
      });
      t.after(() => running.close());
      const { ask } = await startProxy(t, proxy, new URL(running.url).host);
      const forged = { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Host': 'other.example' };
      assert.match(await ask(queryFor({ lead_id: '7' }), forged), /^200 \{"result":"success",.*"lead_id":7,/);
      const [event] = events;
      assert.equal(event?.address, '127.0.0.1');
    });

    it('26: writes no password down, of requests that it could pass on and of others', async (t) => {
      const running = await startFilledApp();
      let closed: Promise<void> | undefined;
      const close = () => (closed ??= running.close());
      t.after(close);
      const { ask, end } = await startProxy(t, proxy, new URL(running.url).host);
      const wrong = queryFor({ lead_id: '7', goPass: SECRET });
      const refused = await ask(wrong);
      assert.match(refused, /^200 \{"result":"error","message":"Invalid Username\/Password"\}$/);
      assertNothingLeaks({ headers: {}, text: refused });
      await close();
      assert.match(await ask(wrong), /^502 /);
      const written = await end();
      assert.ok(written.includes('/goAPIv2/goAgent/goAPI.php'), 'it does write down what was asked for');
      for (const part of ['planted-secret', 'goPass', 'lead_id']) assert.ok(!written.includes(part), part);
    });
  });
}
