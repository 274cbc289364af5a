import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { MAX_FAILURES } from '../../src/auth/lockout.ts';
import type { LookupEvent } from '../../src/core/lookup-event.ts';
import { LIMITS } from '../../src/http/limits.ts';
import { createLog } from '../../src/observe/log.ts';
import {
  fillDomains,
  leadNameOf,
  leadQuery,
  LEADS_OF_DOMAIN,
  onlyUserOf,
  startDomains,
  writeDomains,
  type DomainApp,
} from '../support/domain-app.ts';
import { exchange, exchangeOne, PATH, requestText, startFilledApp } from '../http/raw-socket.ts';
import { send, temporaryFolder } from '../support/test-app.ts';

const NAMES = ['acme', 'beta', 'gamma'] as const;
const hostOf = (domain: string) => `${domain}.example.net`;
const DOMAINS = Object.fromEntries(NAMES.map((name) => [name, { hosts: [hostOf(name)] }]));

/** One request, and what must come of it: the name of a lead, or no lead and that status. */
interface Attempt {
  readonly domain: string;
  readonly bytes: string;
  readonly expected: string | number;
}

function pick<Item>(items: readonly Item[]): Item {
  return items[Math.floor(Math.random() * items.length)] ?? assert.fail();
}

function spellingOf(host: string): string {
  const letters = Array.from(host, (letter) => (Math.random() < 0.5 ? letter.toUpperCase() : letter)).join(
    '',
  );
  return letters + pick(['', '.']) + pick(['', `:${1 + Math.floor(Math.random() * 65_535)}`]);
}

/** A request on a connection that goes on. */
function pipelined(target: string, headers: Readonly<Record<string, string>>): string {
  return requestText('GET', target, { Connection: 'keep-alive', ...headers });
}

function someAttempt(): Attempt {
  const domain = pick(NAMES);
  const other = pick(NAMES.filter((name) => name !== domain));
  const leadId = 1 + Math.floor(Math.random() * LEADS_OF_DOMAIN);
  const target = `${PATH}?${leadQuery(domain, leadId)}`;
  const Host = spellingOf(hostOf(domain));
  const expected = leadNameOf(domain, leadId);
  const stranger = `${PATH}?${leadQuery(other, leadId, { goUser: onlyUserOf(other) })}`;
  const kinds: readonly (() => Attempt)[] = [
    () => ({ domain, expected, bytes: pipelined(target, { Host }) }),
    () => ({ domain, expected, bytes: pipelined(target, { Host }) }),
    () => ({ domain, expected, bytes: pipelined(target, { Host, 'X-Forwarded-Host': hostOf(other) }) }),
    () => ({ domain, expected, bytes: pipelined(`http://${spellingOf(hostOf(domain))}${target}`, { Host }) }),
    () => ({ domain: '', expected: 404, bytes: pipelined(target, { Host: `${other}.example.com` }) }),
  ];
  if (Math.random() < 0.02) return { domain, expected: 200, bytes: pipelined(stranger, { Host }) };
  return pick(kinds)();
}

/** What ends its connection, so that nothing may come behind it. */
function someBrokenAttempt(): Attempt {
  const [domain, other] = [pick(NAMES), pick(NAMES)];
  const target = `${PATH}?${leadQuery(domain, 1)}`;
  const Host = hostOf(domain);
  const bytes = pick([
    `GET ${target} HTTP/1.1\r\nHost: ${Host}\r\nHost: ${hostOf(other)}\r\n\r\n`,
    `GET ${target} HTTP/1.1\r\nHost: ${hostOf(other)}\r\nHost: ${Host}\r\n\r\n`,
    requestText('GET', target, { Host: `${hostOf(other)}@${Host}` }),
    requestText('GET', target, { Host: `${Host}, ${hostOf(other)}` }),
    requestText('GET', `http://me@${Host}${target}`, { Host }),
    requestText('GET', `http://${Host}.example${target}`, { Host }),
  ]);
  return { domain: '', expected: 400, bytes };
}

describe('domains with the same user name and the same lead ids, asked all at once', () => {
  const folder = temporaryFolder();
  const logPath = join(folder, 'log');
  const events: LookupEvent[] = [];
  const asked = new Map<string, number>();
  let lines: readonly Record<string, unknown>[];

  before(async () => {
    const config = writeDomains(folder, DOMAINS, { logLevel: 'info' });
    await fillDomains(config);
    const descriptor = openSync(logPath, 'w');
    const log = createLog('info', descriptor);
    const running = await startDomains(config, { log, onEvent: (event) => events.push(event) });
    try {
      await Promise.all([
        ...Array.from({ length: 25 }, () => fire(running, Array.from({ length: 160 }, someAttempt))),
        ...Array.from({ length: 100 }, () => fire(running, [someBrokenAttempt()])),
      ]);
    } finally {
      await running.app.close();
    }
    await new Promise<void>((resolve) => {
      log.flush(() => resolve());
    });
    closeSync(descriptor);
    lines = readFileSync(logPath, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  });

  /** Makes the attempts on connections one after the other, as many at once on each as may be. */
  async function fire(running: DomainApp, attempts: readonly Attempt[]): Promise<void> {
    const most = LIMITS.requestsAtOnce - 1;
    for (let at = 0; at < attempts.length; at += most)
      await fireAtOnce(running, attempts.slice(at, at + most));
  }

  /** The answers to the attempts of one connection, in order. */
  async function fireAtOnce({ url }: DomainApp, attempts: readonly Attempt[]): Promise<void> {
    const bytes = attempts.map((attempt) => attempt.bytes).join('');
    const last = requestText('GET', '/nowhere');
    const answers = await exchange(url, bytes + last);
    for (const [at, { domain, expected }] of attempts.entries()) {
      if (domain !== '') asked.set(domain, (asked.get(domain) ?? 0) + 1);
      const { status, text } = answers[at] ?? assert.fail(`no answer ${at}`);
      const found = /"(Of-[^"]+)"/.exec(text)?.[1];
      if (typeof expected === 'string') assert.equal(found, expected, text);
      else assert.ok(found === undefined && (status === expected || status === 503), `${status} ${text}`);
    }
  }

  it('answer each from its own leads and users alone, whatever way the host is written', () => {
    assert.ok([...asked.values()].every((count) => count > 900));
  });

  it('are distinguished in every event and every line of the log', () => {
    const countsOf = (domains: readonly unknown[]) =>
      Object.fromEntries(NAMES.map((name) => [name, domains.filter((domain) => domain === name).length]));
    const expected = Object.fromEntries(NAMES.map((name) => [name, asked.get(name)]));
    assert.deepEqual(countsOf(events.map(({ domain }) => domain)), expected);
    const lookups = lines.filter(({ msg }) => msg === 'lookup');
    assert.deepEqual(countsOf(lookups.map(({ domain }) => domain)), expected);
    assert.equal(lookups.length, events.length);
  });
});

describe('what one domain has had enough of', () => {
  let running: DomainApp;
  before(async () => {
    const config = writeDomains(temporaryFolder(), {
      acme: { hosts: ['acme.example.net'], rateLimit: 5 },
      beta: { hosts: ['beta.example.net'] },
      gamma: { hosts: ['gamma.example.net'] },
    });
    await fillDomains(config);
    running = await startDomains(config);
  });
  after(() => running.app.close());

  const ask = (domain: string, changes: Readonly<Record<string, string>> = {}) =>
    exchangeOne(
      running.url,
      requestText('GET', `${PATH}?${leadQuery(domain, 1, changes)}`, { Host: hostOf(domain) }),
    );

  it("a rate is no other one's", async () => {
    const statuses = new Set<number>();
    for (let request = 0; request < 40; request += 1) {
      statuses.add((await ask('acme')).status);
      assert.match((await ask('beta')).text, /"Of-beta-1"/);
    }
    assert.deepEqual([...statuses], [200, 429]);
  });

  it('a user who guesses is locked there alone, with the memory of the others warm', async () => {
    await ask('gamma');
    for (let attempt = 0; attempt < MAX_FAILURES; attempt += 1) {
      assert.match((await ask('beta', { goPass: 'wrong' })).text, /Invalid Username\/Password/);
    }
    assert.match((await ask('beta')).text, /Too many login attempts/);
    assert.match((await ask('gamma')).text, /"Of-gamma-1"/);
    assert.match((await ask('gamma', { goPass: 'wrong' })).text, /Invalid Username\/Password/);
  });
});

describe('an installation without domains', () => {
  it('says nothing of a domain in its log', async () => {
    const folder = temporaryFolder();

    const descriptor = openSync(join(folder, 'log'), 'w');
    const log = createLog('info', descriptor);
    const running = await startFilledApp({ log, config: { logLevel: 'info' } }, folder);
    await send(running.url, `${PATH}?${leadQuery('acme', 1)}`);
    await running.close();
    await new Promise<void>((resolve) => {
      log.flush(() => resolve());
    });
    closeSync(descriptor);
    const written = readFileSync(join(folder, 'log'), 'utf8');
    assert.match(written, /"msg":"lookup"/);
    assert.doesNotMatch(written, /domain/);
  });
});
