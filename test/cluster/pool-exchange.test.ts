import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import type { PoolNews, PoolRequest } from '../../src/cluster/ipc.ts';
import { PoolExchange, type PoolMember } from '../../src/cluster/pool-exchange.ts';
import { createPrimaryLink, type PrimaryLink } from '../../src/cluster/primary-link.ts';
import type { Snapshot } from '../../src/observe/exposition.ts';
import { freezeProcess } from '../support/freeze-process.ts';
import { processTreeSkip } from '../support/process-tree.ts';
import { until } from '../support/until.ts';
import type { Order, Report } from './pool-member.ts';

const SHIFT_MS = 8 * 3_600_000;
const cards = (open: number): Snapshot =>
  new Map([['callercard_cards_open', new Map([['callercard_cards_open', open]])]]);

/** A worker in this process. `isDeaf`: what is sent to it stays on its way. */
interface Fake extends PoolMember {
  metrics: Snapshot;
  isDeaf: boolean;
  readonly link: PrimaryLink;
  readonly heard: string[];
  /** What is on its way to it. */
  readonly pending: (() => void)[];
}

function createPool() {
  const running = new Set<Fake>();
  const exchange = new PoolExchange(running);

  function start(): Fake {
    const take = (request: PoolRequest) => exchange.take(structuredClone(request), fake);
    const link = createPrimaryLink((request, done) => {
      take(request);
      done(null);
    });
    const fake: Fake = {
      metrics: new Map(),
      isDeaf: false,
      link,
      heard: [],
      pending: [],
      send(news: PoolNews, taken) {
        const arrive = () => {
          link.take(structuredClone(news));
          taken();
        };
        if (fake.isDeaf) fake.pending.push(arrive);
        else arrive();
      },
    };
    running.add(fake);
    exchange.noteStart(fake);
    return fake;
  }

  function end(fake: Fake): void {
    running.delete(fake);
    exchange.noteExit(fake);
  }

  return { exchange, start, end };
}

const openRelay = (fake: Fake) =>
  fake.link.openRelay({
    take: (text) => fake.heard.push(text),
    canSend: () => undefined,
    joined: () => fake.heard.push('joined'),
    fault: (reason) => fake.heard.push(`fault: ${reason}`),
  });
const callOf = (key: string, text: string, at = 1) => ({ key, text, at, keptMs: SHIFT_MS });

describe('calls between workers', () => {
  it('reach every other worker once, and the last of a user is there for one that starts later', async () => {
    const pool = createPool();
    const [one, other] = [pool.start(), pool.start()];
    const [relay] = [openRelay(one), openRelay(other)];
    await relay.send(callOf('acme ana', 'first', 1));
    await relay.send(callOf('acme ana', 'second', 2));
    // It waited somewhere.
    await relay.send(callOf('acme ana', 'late', 1));
    assert.deepEqual([one.heard, other.heard], [[], ['first', 'second', 'late']]);
    const later = openRelay(pool.start());
    assert.equal(await later.read('acme ana'), 'second');
    assert.equal(await later.read('acme luis'), undefined);
  });

  it('are forgotten with a domain that changed, those of others and later ones not', async () => {
    const pool = createPool();
    const relay = openRelay(pool.start());
    await relay.send(callOf('acme ana', 'before', 10));
    await relay.send(callOf('beta ana', 'of another', 10));
    pool.exchange.forget(['acme'], 10);
    await relay.send(callOf('acme luis', 'after', 11));
    const read = await Promise.all(['acme ana', 'beta ana', 'acme luis'].map((key) => relay.read(key)));
    assert.deepEqual(read, [undefined, 'of another', 'after']);
  });

  it('do not pile up for a worker that takes none: it then learns of the last ones', async () => {
    const pool = createPool();
    const [one, deaf] = [pool.start(), pool.start()];
    const [relay, late] = [openRelay(one), openRelay(deaf)];
    deaf.isDeaf = true;
    for (let at = 0; at < 5_000; at += 1) await relay.send(callOf('acme ana', `call ${at}`, at));
    assert.ok(deaf.pending.length <= 1_000, `${deaf.pending.length} wait`);
    deaf.isDeaf = false;
    for (const arrive of deaf.pending.splice(0)) arrive();
    assert.equal(deaf.heard.at(-1), 'joined');
    assert.equal(await late.read('acme ana'), 'call 4999');
    await relay.send(callOf('acme ana', 'next', 5_000));
    assert.equal(deaf.heard.at(-1), 'next');
  });

  it('are refused, not kept without end, where the primary takes none', async () => {
    const link = createPrimaryLink(() => undefined);
    const faults: string[] = [];
    const ignore = () => undefined;
    const relay = link.openRelay({
      take: ignore,
      canSend: ignore,
      joined: ignore,
      fault: (r) => faults.push(r),
    });
    const sent = Array.from({ length: 1_001 }, (_, at) => relay.send(callOf('acme ana', `call ${at}`)));
    await assert.rejects(sent.at(-1) ?? Promise.resolve(), /takes no calls/);
    assert.deepEqual([faults, relay.isJoined()], [['no answer'], false]);
    await assert.rejects(relay.read('acme ana'), /does not answer/);
  });
});

describe('open cards of workers', () => {
  it('are known to every worker, also to one that starts later, until the last is closed or its worker ended', () => {
    const pool = createPool();
    const [one, other] = [pool.start(), pool.start()];
    const known = (...fakes: Fake[]) => fakes.map(({ link }) => link.cardsOpen());
    assert.deepEqual(known(one, other), [false, false]);
    one.metrics = cards(2);
    pool.exchange.noteMetrics();
    const later = pool.start();
    assert.deepEqual(known(one, other, later), [true, true, true]);
    one.metrics = cards(0);
    pool.exchange.noteMetrics();
    assert.deepEqual(known(one, other, later), [false, false, false]);
    other.metrics = cards(1);
    pool.exchange.noteMetrics();
    pool.end(other);
    assert.deepEqual(known(one, later), [false, false]);
  });
});

describe('leases between workers', () => {
  /** Ask for it what it may do, as connectors do. */
  function open(fake: Fake, name: string, log: string[], who: string) {
    return fake.link.openLease(name, {
      taken: () => log.push(`${who} taken`),
      lost: () => log.push(`${who} lost`),
    });
  }

  it('are held by one worker at a time: the next has it when the first closes it or ends', async () => {
    const pool = createPool();
    const workers = [pool.start(), pool.start(), pool.start()];
    const log: string[] = [];
    const leases = workers.map((worker, at) => open(worker, 'asterisk acme', log, String(at)));
    const elsewhere = workers[1] && open(workers[1], 'asterisk beta', [], '1');
    const held = () => leases.map((lease) => lease.isHeld());
    assert.deepEqual([held(), elsewhere?.isHeld()], [[true, false, false], true]);
    await leases[0]?.close();
    assert.deepEqual(held(), [false, true, false]);
    if (workers[1] !== undefined) pool.end(workers[1]);
    // Its process is gone, whatever it still believed.
    assert.equal(leases[2]?.isHeld(), true);
    assert.deepEqual(log, ['0 taken', '0 lost', '1 taken', '2 taken']);
  });

  it('that are closed and opened again wait their turn; what was granted before is not taken for them', async () => {
    const pool = createPool();
    const [one, other] = [pool.start(), pool.start()];
    const log: string[] = [];
    one.isDeaf = true;
    const first = open(one, 'asterisk acme', log, 'first');
    const second = open(other, 'asterisk acme', log, 'second');
    await first.close();
    const third = open(one, 'asterisk acme', log, 'third');
    one.isDeaf = false;
    for (const arrive of one.pending.splice(0)) arrive();
    assert.deepEqual([first.isHeld(), second.isHeld(), third.isHeld()], [false, true, false]);
    await second.close();
    assert.equal(third.isHeld(), true);
    assert.deepEqual(log, ['second taken', 'second lost', 'third taken']);
  });

  it('are lost with the primary', () => {
    const pool = createPool();
    const one = pool.start();
    const log: string[] = [];
    const lease = open(one, 'asterisk acme', log, 'one');
    one.link.end();
    assert.equal(lease.isHeld(), false);
    assert.deepEqual(log, ['one taken', 'one lost']);
  });
});

describe('processes of one primary', { skip: processTreeSkip, timeout: 120_000 }, () => {
  interface Forked extends PoolMember {
    readonly child: ChildProcess;
    readonly reports: string[];
    order(order: Order): void;
  }

  function createProcesses(t: TestContext) {
    const running = new Set<Forked>();
    const exchange = new PoolExchange(running);
    return () => {
      const child = fork(join(import.meta.dirname, 'pool-member.ts'), [], { serialization: 'advanced' });
      const forked: Forked = {
        child,
        reports: [],
        metrics: new Map(),
        send(news, taken) {
          if (child.connected) child.send(news, taken);
          else taken();
        },
        order: (order) => child.send(order),
      };
      running.add(forked);
      child.on('message', (message: PoolRequest | Report) => {
        if ('event' in message) exchange.take(message, forked);
        else forked.reports.push(`${message.report} ${message.about}`);
      });
      child.on('exit', () => {
        running.delete(forked);
        exchange.noteExit(forked);
      });
      t.after(() => child.kill('SIGKILL'));
      return { forked, exchange };
    };
  }

  it('have one that leads: a frozen one leads on, and another one takes over when it is killed', async (t) => {
    const start = createProcesses(t);
    const [{ forked: one, exchange }, { forked: other }] = [start(), start()];
    one.order({ order: 'open', name: 'asterisk acme' });
    await until('one leads', () => one.reports.includes('taken asterisk acme'));
    other.order({ order: 'open', name: 'asterisk acme' });
    freezeProcess(one.child.pid ?? 0);
    exchange.take({ event: 'call', call: callOf('acme ana', 'a sign') }, one);
    // What was sent to it before has come to it by then.
    await until('the other goes on', () => other.reports.includes('call a sign'));
    assert.deepEqual(other.reports, ['call a sign']);
    one.child.kill('SIGKILL');
    await until('the other leads', () => other.reports.includes('taken asterisk acme'));
  });
});
