import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { DOMAIN_LIMITS } from '../../src/domain/domains.ts';
import { exchange, PATH, requestText } from '../http/raw-socket.ts';
import { fillDomains, leadQuery, startDomains, writeDomains, type DomainApp } from '../support/domain-app.ts';
import { countDescriptors, openFilesBelow, skipWithoutOpenFiles } from '../support/open-files.ts';
import { runSql } from '../support/run-sql.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { until } from '../support/until.ts';

const DOMAINS = 200;
const CONNECTIONS = 20;
/** Requests of a connection: each domain checks a password, and on a busy machine more of them take longer than a request may. */
const AT_ONCE = 2;
/** The store itself, its log, and the index of that; of the audit its file and its lock. */
const FILES_OF_A_DOMAIN = 5;

describe(`${DOMAINS} domains in one process`, { skip: skipWithoutOpenFiles }, () => {
  const folder = temporaryFolder();
  const names = Array.from({ length: DOMAINS }, (_, at) => `d${at}`);
  let running: DomainApp;

  before(async () => {
    const config = writeDomains(
      folder,
      Object.fromEntries(names.map((name) => [name, { hosts: [`${name}.example`] }])),
    );
    const [first] = config.domains;
    assert.ok(first !== undefined);
    await fillDomains({ ...config, domains: [first] });
    for (const name of names.slice(1)) {
      copyFileSync(join(folder, 'd0.db'), join(folder, `${name}.db`));
      runSql(
        join(folder, `${name}.db`),
        `UPDATE leads SET first_name = replace(first_name, 'd0', '${name}')`,
      );
    }
    running = await startDomains(config, { limits: { sweepMs: 10 } });
  });
  after(() => running.app.close());

  /** Beside others' load a login may wait for too long, and gets 503: then it is asked again, as clients do. */
  async function askSome(some: readonly string[]): Promise<void> {
    let waiting = some;
    await until('each is answered', async () => {
      waiting = await askOnce(waiting);
      return waiting.length === 0;
    });
  }

  /** @returns those that are to ask again */
  async function askOnce(some: readonly string[]): Promise<readonly string[]> {
    const requests = some.map((name, at) =>
      requestText('GET', `${PATH}?${leadQuery('d0', 1)}`, {
        Host: `${name}.example`,
        Connection: at === some.length - 1 ? 'close' : 'keep-alive',
      }),
    );
    const answers = await exchange(running.url, requests.join(''));
    const putOff = some.filter((_name, at) => answers[at]?.status === 503);
    assert.deepEqual(
      answers.map(({ text }) => /Of-(\w+)-1"/.exec(text)?.[1]).filter((name) => name !== undefined),
      some.filter((name) => !putOff.includes(name)),
    );
    return putOff;
  }

  async function askAll(): Promise<void> {
    const share = DOMAINS / CONNECTIONS;
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async (_, connection) => {
        const own = names.slice(connection * share, (connection + 1) * share);
        for (let at = 0; at < own.length; at += AT_ONCE) await askSome(own.slice(at, at + AT_ONCE));
      }),
    );
  }

  it('are each answered from their own store, with a bounded number of files open', async () => {
    const atFirst = countDescriptors();
    for (let round = 0; round < 3; round += 1) {
      await askAll();
      // While all of them are worked on there may be more.
      const most = DOMAIN_LIMITS.openStores * FILES_OF_A_DOMAIN;
      await until('closed files', () => openFilesBelow(folder).length <= most);
      const stores = openFilesBelow(folder).length;
      assert.ok(stores > DOMAIN_LIMITS.openStores, 'hardly any was kept');
      assert.ok(
        countDescriptors() <= atFirst + stores + 2 * CONNECTIONS,
        `${countDescriptors()} descriptors`,
      );
    }
  });

  it('are all closed with the server', async () => {
    await running.app.close();
    assert.deepEqual(openFilesBelow(folder), []);
  });
});
