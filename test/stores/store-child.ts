/** A process of its own over a store, for tests of what happens between processes. */
import { writeSync } from 'node:fs';

import { openStore } from '../../src/stores/open-store.ts';
import { testConfig } from '../support/test-app.ts';
import { USUAL_RIGHTS } from './described-store.ts';

const [task, path = '', name = ''] = process.argv.slice(2);

function say(line: string): void {
  // Written before the next step begins: what the parent has read has happened.
  writeSync(1, `${line}\n`);
}

/** A name for each count: one name's counting ends at the lock. */
async function countFailuresForEver(): Promise<never> {
  const { accounts } = openStore(testConfig(path), { create: true });
  for (let number = 1; ; number += 1) {
    await accounts.countFailure(`${name}-${number}`, Date.now());
    say(`${name}-${number}`);
  }
}

function createStore(): void {
  say('ready');
  process.stdin.once('data', () => {
    const store = openStore(testConfig(path), { create: true });
    void store.users.add({ name, verifier: 'x', rights: USUAL_RIGHTS, lists: [] }).then(() => {
      say('made');
      void store.close();
      process.stdin.destroy();
    });
  });
}

async function sayFailures(): Promise<void> {
  const store = openStore(testConfig(path));
  say(String((await store.accounts.readFailures(name)).count));
  await store.close();
}

if (task === 'count') await countFailuresForEver();
else if (task === 'failures') await sayFailures();
else createStore();
