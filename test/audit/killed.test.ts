import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { plainEnvironment } from '../support/command.ts';
import { newAuditFolder, faultsOf, recordsOf, verify } from './audit-fixture.ts';

const ROUNDS = 20;
const PROCESSES = 2;

/** Runs until it is killed, at some moment after its first answer; the answers that it gave. */
async function runAndKill(folder: string, name: string): Promise<readonly string[]> {
  const file = join(import.meta.dirname, 'writing-process.ts');
  const child = spawn(process.execPath, [file, folder, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: plainEnvironment(),
  });
  let said = '';
  child.stdout.setEncoding('latin1').on('data', (piece: string) => (said += piece));
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  await pause(Math.random() * 40);
  child.kill('SIGKILL');
  await closed;
  return said.split('\n').slice(0, -1);
}

describe('processes killed while they write the audit', { timeout: 300_000 }, () => {
  it(`41: leave a record for every answer and chains that go on, in ${ROUNDS} rounds`, async (t) => {
    const folder = newAuditFolder();
    let answers = 0;
    const answered = new Set<unknown>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const names = Array.from({ length: PROCESSES }, (_, at) => `p${round}-${at}`);
      for (const given of await Promise.all(names.map((name) => runAndKill(folder, name)))) {
        answers += given.length;
        for (const id of given) answered.add(id);
      }
      if (round % 5 === 4) assert.deepEqual(await faultsOf(folder), [], `round ${round}`);
    }
    const recorded = new Set(recordsOf(folder, 'lookup').map(({ requestId }) => requestId));
    const missing = [...answered].filter((id) => !recorded.has(id));
    t.diagnostic(`${answers} answers, ${recorded.size} records`);
    assert.ok(answers > ROUNDS * PROCESSES);
    assert.deepEqual(missing, []);
    // Those who came later went on with the chains of the killed; on a busy machine never two of them ran at a time.
    const { length: chains } = await verify(folder);
    assert.ok(chains >= 1 && chains <= PROCESSES, `${chains} chains`);
  });
});
