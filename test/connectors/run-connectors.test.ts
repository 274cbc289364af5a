import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { DomainConfig } from '../../src/config/settings.ts';
import { createConnectors } from '../../src/connectors/run-connectors.ts';
import { runWhileHeld } from '../../src/connectors/run-while-held.ts';
import type { LeaseListener } from '../../src/core/lease.ts';
import { testConfig } from '../support/test-app.ts';
import { until } from '../support/until.ts';

/** A kind of connector whose address is the domain's token of metrics. */
function createKind(closing: () => Promise<unknown> = () => Promise.resolve()) {
  const log: string[] = [];
  const connectors = createConnectors([
    {
      name: 'fake',
      idOf: ({ config }) => (config.metricsToken === '' ? undefined : config.metricsToken),
      start({ name, config }) {
        const what = `${name} ${config.metricsToken}`;
        log.push(`starts ${what}`);
        return {
          async close() {
            await closing();
            log.push(`ends ${what}`);
          },
        };
      },
    },
  ]);
  const take = (domains: Readonly<Record<string, string>>) =>
    connectors.take(
      Object.entries(domains).map(([name, metricsToken]): DomainConfig => {
        const config = { ...testConfig('unused.db'), metricsToken };
        return { name, hosts: [], isFallback: false, config };
      }),
    );
  return {
    log,
    take,
    close: () => connectors.close(),
    is: (lines: number) => until('done', () => log.length === lines),
  };
}

describe('connectors', () => {
  it('run for each domain that has one, and go on where nothing of theirs changes', async () => {
    const { log, take, close, is } = createKind();
    take({ acme: 'a', beta: '', gamma: 'c' });
    await is(2);
    take({ acme: 'a', beta: 'b' });
    await is(4);
    assert.deepEqual(log, ['starts acme a', 'starts gamma c', 'ends gamma c', 'starts beta b']);
    await close();
    assert.deepEqual(log.slice(4).sort(), ['ends acme a', 'ends beta b']);
  });

  it('begin when that in whose place they come has ended, and only the last that was wanted', async () => {
    const gate = Promise.withResolvers<undefined>();
    const { log, take, close, is } = createKind(() => gate.promise);
    take({ acme: 'a' });
    await is(1);
    take({ acme: 'b' });
    take({ acme: 'c' });
    gate.resolve(undefined);
    await is(3);
    assert.deepEqual(log, ['starts acme a', 'ends acme a', 'starts acme c']);
    const closed = close();
    take({ acme: 'd' });
    await closed;
    assert.equal(log.length, 4);
  });
});

describe('a connector of which one process runs one', () => {
  it('runs while the lease is held, as often as that comes', async () => {
    const log: string[] = [];
    let isHeld = false;
    let listener: LeaseListener | undefined;
    const connector = runWhileHeld(
      (name, given) => {
        log.push(`asks for ${name}`);
        listener = given;
        return { isHeld: () => isHeld, close: () => Promise.resolve(void log.push('gives up')) };
      },
      'asterisk acme',
      (may) => {
        log.push(`starts ${may()}`);
        return { close: () => Promise.resolve(void log.push('ends')) };
      },
    );
    isHeld = true;
    for (const step of ['taken', 'taken', 'lost', 'lost', 'taken'] as const) listener?.[step]();
    await connector.close();
    assert.deepEqual(log, [
      ...['asks for asterisk acme', 'starts true', 'ends', 'starts true'],
      ...['ends', 'gives up'],
    ]);
  });
});
