import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { openStore } from '../../src/stores/open-store.ts';
import { ROOT, runCallercard } from '../support/command.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';

const ROWS = 6_000;
const ROUNDS = 6;

/** @param week of the same people: a third has gone, a third is new, and a third has another number */
function sheet(week: number): string {
  const rows = Array.from({ length: ROWS }, (_, at) => {
    const person = at + (week * ROWS) / 3;
    return `C${person},Name ${person},${8_100_000_000 + person * 10 + week}`;
  });
  return `codigo,nombre,telefono\n${rows.join('\n')}\n`;
}

/** What a killed command left, once the store was opened as a server opens it: `id name number` of each lead. */
async function contentOf(path: string): Promise<readonly string[]> {
  const store = openStore(testConfig(path), { log: () => undefined });
  try {
    await store.upkeep?.();
    assert.equal(store.connection.database.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
    const numbers = store.connection.database.prepare('SELECT count(*) AS count FROM lead_numbers').get();
    const leads = [...store.archive.leads()];
    assert.equal(numbers?.count, leads.length);
    return leads.map(({ lead }) => `${lead.lead_id} ${lead.last_name ?? ''} ${lead.phone_number ?? ''}`);
  } finally {
    await store.close();
  }
}

describe('an import with --replace, or its undo, that is killed', () => {
  it('41: is there as a whole or not at all', { timeout: 240_000 }, async (t) => {
    const cwd = temporaryFolder();
    const path = join(cwd, 'data', 'callercard.db');
    for (const week of [0, 1]) writeFileSync(join(cwd, `week-${week}.csv`), sheet(week));
    const importArgs = (week: number) => ['import', `week-${week}.csv`, '--list', '1', '--key', 'codigo'];
    const run = async (args: readonly string[]) => {
      const { code, stderr } = await runCallercard(args, { cwd });
      assert.equal(code, 0, stderr);
    };
    await run(importArgs(0));
    const before = await contentOf(path);
    const began = performance.now();
    await run([...importArgs(1), '--replace']);
    const took = performance.now() - began;
    const after = await contentOf(path);
    assert.notDeepEqual(after, before);
    await run(['import', '--undo', '2']);
    assert.deepEqual(await contentOf(path), before);

    let nextId = 3;
    let killed = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const undoing = round % 2 === 1;
      if (undoing) await run([...importArgs(1), '--replace']);
      const args = undoing ? ['import', '--undo', String(nextId)] : [...importArgs(1), '--replace'];
      const child = spawn(process.execPath, [join(ROOT, 'bin', 'callercard'), ...args], {
        cwd,
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      await Promise.race([ended, pause(took * (0.3 + (0.6 * round) / ROUNDS))]);
      if (child.kill('SIGKILL')) killed += 1;
      await ended;
      const content = await contentOf(path);
      const isAfter = content.length === after.length && content.every((line) => !before.includes(line));
      if (!isAfter) assert.deepEqual(content.map(withoutId), before.map(withoutId), `round ${round}`);
      else assert.deepEqual(content.map(withoutId).toSorted(), after.map(withoutId).toSorted());
      nextId = await newestImport(cwd);
      if (isAfter) await run(['import', '--undo', String(nextId)]);
      assert.deepEqual(await contentOf(path), before);
      nextId += 1;
    }
    t.diagnostic(`${killed} of ${ROUNDS} were killed in time`);
    assert.ok(killed > 0);
  });
});

async function newestImport(cwd: string): Promise<number> {
  const { stdout } = await runCallercard(['imports', '--json'], { cwd });
  const [newest] = JSON.parse(stdout) as readonly { importId: number }[];
  return newest?.importId ?? 0;
}

function withoutId(line: string): string {
  return line.slice(line.indexOf(' ') + 1);
}
