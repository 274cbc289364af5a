import { AssertionError } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Agent, IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { App, AppOverrides } from '../../src/app.ts';
import type { OwnStore } from '../../src/core/store.ts';
import type { EmbeddedConfig, OwnConfig } from '../../src/stores/store-config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Clock, MachineClock } from '../../src/core/clock.ts';
import { assertNothingLeaks } from './leaks.ts';
import { until } from './until.ts';

/** Not imported: src/http/node-http.ts says why. */
const { request } = process.getBuiltinModule('node:http');

const folders: string[] = [];

process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder of the test's own, gone when the test's process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'callercard-'));
  folders.push(folder);
  return folder;
}

/** The defaults, with another store, without log, and with metrics for this machine. */
export function testConfig(path: string, changes: Partial<EmbeddedConfig> = {}): EmbeddedConfig {
  const { config } = loadConfig({ flags: {}, environment: {} });
  return {
    ...config,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    database: { engine: 'sqlite', path },
    // Without a token: what may be read with one is a matter of its own tests.
    metrics: ['127.0.0.1'],
    ...changes,
  };
}

export interface TestApp {
  readonly app: App;
  readonly store: OwnStore;
  readonly url: string;
  close(): Promise<void>;
}

/** A listening app over a store of its own, in a file of the folder unless the config names another, filled by `fill`; what it logged is searched when it is closed. */
export async function startTestApp(
  folder: string,
  fill: (store: OwnStore) => void | Promise<void>,
  {
    config: changes,
    ...overrides
  }: AppOverrides & { config?: Partial<OwnConfig>; clock?: Clock & MachineClock } = {},
): Promise<TestApp> {
  // Beside a store in PostgreSQL the audit is named after this file.
  const beside = { stateFile: join(folder, 'test-state.db') };
  const config = { ...testConfig(join(folder, 'test.db'), beside), ...changes } as OwnConfig;
  const { clock } = overrides;
  // Most who import this file want no app: it, Fastify and the engines are most of what there is to load.
  const { openStore } = await import('../../src/stores/open-store.ts');
  const { createApp } = await import('../../src/app.ts');
  const { createWatchedLog } = await import('./watched-log.ts');
  const store = openStore(config, { create: true, ...(clock && { clock }) });
  await fill(store);
  const watched = createWatchedLog();
  const app = createApp(config, { store, log: watched.log, ...overrides });
  const url = await app.listen();
  return {
    app,
    store,
    url,
    async close() {
      await app.close();
      watched.check();
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Keeps connections; without one each request has a connection of its own. */
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
}

/** One request over a real socket, its target sent as it is; the answer is searched for leaks. */
export async function send(url: string, target: string, sent: Sent = {}): Promise<Answer> {
  const answer = await exchange(url, target, sent);
  assertNothingLeaks(answer);
  return answer;
}

/** Whether there is an answer with the status 200; the answer is searched, too. */
export function isAnswering(url: string, target: string): Promise<boolean> {
  return send(url, target).then(
    ({ status }) => status === 200,
    (cause: unknown) => {
      if (cause instanceof AssertionError) throw cause;
      return false;
    },
  );
}

/**
 * The URL of an application beside a server of its own, once that is reached: on a busy machine the first requests would be answered
 * 503.
 */
export async function listenReady(app: Pick<App, 'listen'>): Promise<string> {
  const url = await app.listen();
  await until('it is ready', () => isAnswering(url, '/readyz'));
  return url;
}

/** A request as it is injected. */
export interface Injected {
  readonly method: string;
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly payload?: string | Buffer | object;
}

/** One request without a socket. */
export async function inject(app: App, request: Injected): Promise<Answer> {
  const { inject: dispatch } = await import('light-my-request');
  await app.ready();
  const { statusCode, headers, payload } = await dispatch(app.handle, request);
  const answer = { status: statusCode, headers: headers as IncomingHttpHeaders, text: payload };
  assertNothingLeaks(answer);
  return answer;
}

function exchange(
  url: string,
  target: string,
  { method = 'GET', headers = {}, body, agent, signal }: Sent,
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: hostname, port, method, path: target, headers, agent: agent ?? false, signal },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
