import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { createHashLanes } from '../../src/auth/hash-queue.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { isOwnStore } from '../../src/stores/store-config.ts';
import { Domain } from '../../src/domain/domain.ts';
import { createImportProcesses } from '../../src/domain/import-process.ts';
import { createFakeClock } from '../service/test-services.ts';
import { fillDomains, passwordOf, writeDomains } from '../support/domain-app.ts';
import { openFilesBelow, skipWithoutOpenFiles } from '../support/open-files.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { until } from '../support/until.ts';

/** A domain over `old.db`, which stops each request after its user was read, and `new.db`, of which passwords and names differ. */
async function openFixture() {
  const folder = temporaryFolder();
  const config = writeDomains(folder, { old: { hosts: ['old'] }, new: { hosts: ['new'] } });
  await fillDomains(config);
  const [old] = config.domains;
  assert.ok(old !== undefined && isOwnStore(old.config));
  const store = openStore(old.config);
  const gate = Promise.withResolvers<undefined>();
  const waiting = Promise.withResolvers<undefined>();
  const { accounts } = store;
  const read = accounts.read.bind(accounts);
  accounts.read = async (...parameters) => {
    const snapshot = await read(...parameters);
    waiting.resolve(undefined);
    await gate.promise;
    return snapshot;
  };
  const options = {
    clock: createFakeClock(),
    observers: [],
    log: () => undefined,
    hashLanes: createHashLanes(),
    importProcesses: createImportProcesses(),
    makeRoom: () => undefined,
    retryMs: 1_000,
    isAlone: false,
  };
  const domain = new Domain(old, options, store);
  const ask = async (password: string) => {
    const outcome = await domain.services.lookup({
      endpoint: 'goapi',
      right: 'read',
      requestId: 'r-1',
      address: '192.0.2.1',
      credentials: { kind: 'user', name: 'crm', password },
      parameters: { leadId: '1' },
    });
    return 'problem' in outcome ? outcome.problem.code : outcome.result.lead.first_name;
  };
  return { folder, domain, gate, waiting, ask };
}

describe('a request in progress while the store is replaced', { skip: skipWithoutOpenFiles }, () => {
  it('55: ends with the store with which it began, which is closed then; the next one has the new store', async () => {
    const { folder, domain, gate, waiting, ask } = await openFixture();
    const pending = ask(passwordOf('old'));
    await waiting.promise;
    renameSync(join(folder, 'old.db'), join(folder, 'former.db'));
    renameSync(join(folder, 'new.db'), join(folder, 'old.db'));
    await domain.lookAtFile();
    assert.deepEqual(
      [await ask(passwordOf('old')), await ask(passwordOf('new'))],
      ['credentials_invalid', 'Of-new-1'],
    );
    const isFormerOpen = () => openFilesBelow(join(folder, 'former.db')).length > 0;
    assert.ok(isFormerOpen());
    gate.resolve(undefined);
    assert.equal(await pending, 'Of-old-1');
    await until('it is closed', () => !isFormerOpen());
    assert.equal(await ask(passwordOf('new')), 'Of-new-1');
    await domain.close();
    assert.deepEqual(openFilesBelow(join(folder, 'old.db')), []);
  });
});
