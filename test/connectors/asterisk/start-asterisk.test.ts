import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, it } from 'node:test';
import { setImmediate as nextTick } from 'node:timers/promises';

import type { AsteriskAddress } from '../../../src/config/asterisk-settings.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { ReportedCall } from '../../../src/core/reported-call.ts';
import type { StoreEvent } from '../../../src/core/store.ts';
import { startAsterisk, type AsteriskOptions } from '../../../src/connectors/asterisk/start-asterisk.ts';
import { type FakeManager, type FakeManagerOptions, startFakeManager } from '../../support/fake-manager.ts';
import { makeSelfSigned } from '../../support/self-signed.ts';
import { until } from '../../support/until.ts';
import { lineOf, recorded } from './scenes.ts';

const SECRET = 'fake-secret';
/** Events alone, as they come after the login. */
const eventsOf = (name: string) => recorded(name).replace(/^[^]*?\n\n/, '');
const ANSWERED = ['ana ringing', 'ana answered', 'ana ended'];

const closing: (() => Promise<unknown>)[] = [];

async function startManager(options?: FakeManagerOptions): Promise<FakeManager> {
  const manager = await startFakeManager(options);
  closing.push(() => manager.close());
  return manager;
}

/** A connector with short times, what it reported, and what it logged. */
function connect(
  address: Partial<AsteriskAddress> & { port: number },
  options: Partial<AsteriskOptions> = {},
) {
  const reports: ReportedCall[] = [];
  const logged: StoreEvent[] = [];
  const connector = startAsterisk({
    address: { host: '127.0.0.1', tls: 'off', user: 'callercard', secret: SECRET, ...address },
    agents: [{ extension: '1001', user: 'ana' }],
    findAgent: (extension) => Promise.resolve(extension === '1002' ? 'luis' : undefined),
    isNumber: (text) => /^\+?\d{6,}$/.test(text),
    report(call) {
      reports.push(call);
      return Promise.resolve();
    },
    log: (event) => logged.push(event),
    clock: systemClock,
    times: { retryMs: 5, mostRetryMs: 20, refusedMs: 20, pingMs: 20, pongMs: 2_000 },
    ...options,
  });
  closing.push(() => connector.close());
  return {
    connector,
    logged,
    said: () => logged.map(({ level, message }) => `${level}: ${message}`),
    states: () => reports.map((call) => lineOf(call).split(' ', 2).join(' ')),
    isConnected: () => until('connected', () => connector.counts().isConnected),
  };
}

describe('the connector of Asterisk', () => {
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  it('logs in, asks for the events of calls, and reports them; else it only pings', async () => {
    const manager = await startManager();
    const { connector, states, isConnected } = connect(manager);
    await isConnected();
    manager.say(eventsOf('queue-linear-answered-by-second'));
    const expected = ['ana ringing', 'ana ended', 'luis ringing', 'luis answered', 'luis ended'];
    await until('reported', () => states().length === expected.length);
    assert.deepEqual(states(), expected);
    await until('pings', () => manager.actions.length > 3);
    const [login, ...others] = manager.actions;
    assert.deepEqual(login, {
      ...{ Action: 'Login', ActionID: 'login', Username: 'callercard', Secret: SECRET },
      Events: 'call',
    });
    assert.deepEqual([...new Set(others.map(({ Action }) => Action))], ['Ping']);
    assert.equal(connector.counts().reports, 5);
    assert.ok(connector.counts().events > 20);
  });

  it('comes back after a restart of Asterisk; calls that were there are over', async () => {
    const manager = await startManager();
    const { connector, states, isConnected, said } = connect(manager);
    await isConnected();
    manager.say(eventsOf('extension-answered').split(/(?<=DialStatus: ANSWER\n\n)/)[0] ?? '');
    await until('answered', () => states().length === 2);
    manager.cut();
    await until('connected again', () => connector.counts().reconnects === 1);
    await until('over', () => states().length === 3);
    manager.say(eventsOf('extension-answered').replaceAll('17959', '27959'));
    await until('the next call', () => states().length === 6);
    assert.deepEqual(states(), [...ANSWERED, ...ANSWERED]);
    const server = `Asterisk at 127.0.0.1:${manager.port}`;
    assert.deepEqual(said(), [
      `info: cards open by the calls of ${server}`,
      `warn: cards do not open by the calls of ${server}: it closed the connection`,
      `info: cards open by the calls of ${server}`,
    ]);
  });

  it('comes back ever later where each login is cut at once', async () => {
    const manager = await startManager();
    const began = performance.now();
    const { connector } = connect(manager, { times: { retryMs: 20 } });
    for (let cuts = 0; cuts < 6; cuts += 1) {
      await until(
        'logged in',
        () => connector.counts().reconnects === cuts && connector.counts().isConnected,
      );
      if (cuts < 5) manager.cut();
    }
    // Each wait is half of 20, 40, 80, 160, 320 ms at least.
    assert.ok(performance.now() - began >= 310);
  });

  it('cuts a connection on which nothing is heard any more', async () => {
    const manager = await startManager();
    const { connector, isConnected, said } = connect(manager, {
      times: { retryMs: 5, pingMs: 5, pongMs: 50 },
    });
    await isConnected();
    manager.stall(true);
    await until('given up', () => said().some((line) => line.endsWith('no answer to a ping')));
    manager.stall(false);
    await until('connected again', () => connector.counts().isConnected);
  });

  it('says once that its login is refused, without the secret, and gets in when it counts', async () => {
    const manager = await startManager({ secret: 'another' });
    const { said, logged, isConnected } = connect(manager);
    await until('several tries', () => manager.connections > 3);
    const server = `Asterisk at 127.0.0.1:${manager.port}`;
    assert.deepEqual(said(), [
      `error: cards do not open by the calls of ${server}: it does not accept the user and the secret`,
    ]);
    assert.doesNotMatch(JSON.stringify(logged), /fake-secret/);
    manager.setSecret(SECRET);
    await isConnected();
  });

  it('goes on trying where there is another server, or none', async () => {
    const other = createServer((socket) =>
      socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.6\r\n'),
    );
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { said } = connect({ port });
    await until('said', () => said().length === 1);
    other.close();
    await once(other, 'close');
    assert.match(said().join(), /^warn: [^,]*: it is no manager interface of Asterisk$/);
    const silent = connect({ port });
    await until('refused', () => silent.said().length === 1);
    assert.match(silent.said().join(), /ECONNREFUSED$/);
  });

  it('reads what a cut stream holds, and connects anew where it turns into garbage', async () => {
    const manager = await startManager();
    const { connector, states, isConnected } = connect(manager);
    await isConnected();
    for (const byte of Buffer.from(eventsOf('extension-answered')).subarray(0, 3_000))
      manager.say(Buffer.of(byte));
    manager.say('\u0000garbage\n'.repeat(100));
    await until('connected anew', () => connector.counts().reconnects === 1);
    manager.say(eventsOf('extension-answered').replaceAll('\n', '\r\n'));
    await until('reported', () => states().includes('ana ended'));
  });

  it('speaks TLS, and checks the certificate unless it is told not to', async () => {
    const { tlsCert, tlsKey } = await makeSelfSigned();
    const tls = { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) };
    const manager = await startManager({ tls });
    const checked = connect({ port: manager.port, tls: 'on' });
    await until('refused', () => checked.said().length === 1);
    assert.match(checked.said().join(), /SELF_SIGNED/);
    const unchecked = connect({ port: manager.port, tls: 'unchecked' });
    await unchecked.isConnected();
    assert.equal(manager.sessions, 1);
  });

  it('goes on in order where the store is slow or cannot be read', async () => {
    const manager = await startManager();
    let asked = 0;
    const { states, isConnected } = connect(manager, {
      async findAgent(extension) {
        asked += 1;
        await nextTick();
        if (extension !== '1002') throw new Error('the store cannot be read');
        return 'luis';
      },
    });
    await isConnected();
    // More than may wait: nothing is read meanwhile.
    manager.say('Event: VarSet\n\n'.repeat(5_000) + eventsOf('ringgroup-answered-by-second'));
    await until('reported', () => states().length === 5);
    assert.deepEqual(states(), ['luis ringing', 'ana ringing', 'luis answered', 'ana ended', 'luis ended']);
    assert.ok(asked < 20, `${asked} questions to the store`);
  });

  it('says how many events it has not read when it is closed', async () => {
    const manager = await startManager();
    const held = Promise.withResolvers<undefined>();
    const { connector, isConnected, said } = connect(manager, { findAgent: () => held.promise });
    await isConnected();
    manager.say(eventsOf('ringgroup-answered-by-second'));
    await until('heard', () => connector.counts().events > 20);
    const closed = connector.close();
    held.resolve(undefined);
    await closed;
    assert.match(said().at(-1) ?? '', /^warn: [1-9]\d* events of Asterisk are not read any more$/);
  });

  it('reports nothing any more once it is closed', async () => {
    const manager = await startManager();
    const { connector, states, isConnected } = connect(manager);
    await isConnected();
    await connector.close();
    await until('logged out', () => manager.sessions === 0);
    manager.say(eventsOf('extension-answered'));
    assert.deepEqual([states(), connector.counts().isConnected], [[], false]);
  });
});
