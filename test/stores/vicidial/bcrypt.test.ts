import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';

import { createBcrypt } from '../../../src/stores/vicidial/bcrypt.ts';

const SALT = Buffer.from('1234567890123456');
const AT_COST_2 = '45uS0Lqtzl4WEjFcaKdc6Xg5tpFGrOK';
const AT_COST_10 = 'fQLVMW1acoi7Q27o7j7Zy52gNVPEmCW';
/** Long enough to be still under way when the thread is ended. */
const SLOW = 20;

const run = promisify(execFile);

/** Node tells of each thread that is started. */
async function nextThread(): Promise<Worker> {
  const [thread] = (await once(process, 'worker')) as [Worker];
  return thread;
}

describe("bcrypt's thread", () => {
  const bcrypt = createBcrypt();
  after(() => bcrypt.close());

  it('answers each question with its own digest, however many wait', async () => {
    const costs = [10, 2, 10, 2, 2];
    const digests = await Promise.all(costs.map((cost) => bcrypt.digest('Passw0rd', SALT, cost)));
    assert.deepEqual(
      digests,
      costs.map((cost) => (cost === 2 ? AT_COST_2 : AT_COST_10)),
    );
  });

  it('leaves the event loop free meanwhile', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    await bcrypt.digest('Passw0rd', SALT, 10);
    clearInterval(timer);
    assert.ok(turns > 5, `${turns} turns`);
  });

  it('is one and the same for all', async () => {
    const started: unknown[] = [];
    const note = (thread: Worker) => started.push(thread);
    process.on('worker', note);
    await Promise.all([2, 2, 2].map((cost) => bcrypt.digest('Passw0rd', SALT, cost)));
    process.off('worker', note);
    assert.deepEqual(started, []);
  });

  it('rejects what cannot be hashed, and answers the rest', async () => {
    const [short, wrong, good] = await Promise.allSettled([
      bcrypt.digest('Passw0rd', Buffer.alloc(15), 2),
      bcrypt.digest('Passw0rd', SALT, 32),
      bcrypt.digest('Passw0rd', SALT, 2),
    ]);
    assert.equal(short.status, 'rejected');
    assert.equal(wrong.status, 'rejected');
    assert.deepEqual(good, { status: 'fulfilled', value: AT_COST_2 });
  });
});

describe("bcrypt's thread, when it dies", () => {
  it('rejects what was under way and what waited, and is replaced', { timeout: 20_000 }, async () => {
    const bcrypt = createBcrypt();
    const started = nextThread();
    const waiting = [SLOW, 2].map((cost) => bcrypt.digest('Passw0rd', SALT, cost));
    const outcomes = Promise.allSettled(waiting);
    await (await started).terminate();
    assert.deepEqual(
      (await outcomes).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(await bcrypt.digest('Passw0rd', SALT, 2), AT_COST_2);
    await bcrypt.close();
  });

  it('is replaced when it had nothing to do', { timeout: 20_000 }, async () => {
    const bcrypt = createBcrypt();
    const started = nextThread();
    await bcrypt.digest('Passw0rd', SALT, 2);
    await (await started).terminate();
    assert.equal(await bcrypt.digest('Passw0rd', SALT, 2), AT_COST_2);
    await bcrypt.close();
  });

  it('never hangs, whenever it dies', { timeout: 60_000 }, async () => {
    const bcrypt = createBcrypt();
    for (let round = 0; round < 20; round += 1) {
      const started = nextThread();
      const first = bcrypt.digest('Passw0rd', SALT, 2);
      const ended = started.then((thread) => thread.terminate());
      const second = bcrypt.digest('Passw0rd', SALT, 2);
      await Promise.allSettled([first, second, ended]);
    }
    assert.equal(await bcrypt.digest('Passw0rd', SALT, 2), AT_COST_2);
    await bcrypt.close();
  });
});

describe('bcrypt, closed', () => {
  it('has rejected what was under way, and takes nothing more', { timeout: 20_000 }, async () => {
    const bcrypt = createBcrypt();
    const slow = assert.rejects(bcrypt.digest('Passw0rd', SALT, SLOW), /ended/);
    await bcrypt.close();
    await slow;
    await assert.rejects(bcrypt.digest('Passw0rd', SALT, 2), /closed/);
    await bcrypt.close();
  });

  it('has started no thread when nobody asked', async () => {
    const started: unknown[] = [];
    const note = (thread: Worker) => started.push(thread);
    process.on('worker', note);
    await createBcrypt().close();
    process.off('worker', note);
    assert.deepEqual(started, []);
  });
});

describe('a process with such a thread', () => {
  const module = new URL('../../../src/stores/vicidial/bcrypt.ts', import.meta.url).href;

  it('waits for the answers, and ends by itself afterwards', { timeout: 30_000 }, async () => {
    const script = `
      import { createBcrypt } from '${module}';
      const { digest } = createBcrypt();
      const say = (text) => process.stdout.write(text + ' ');
      digest('Passw0rd', Buffer.from('1234567890123456'), 2).then((first) => {
        say(first);
        digest('Passw0rd', Buffer.from('1234567890123456'), 10).then(say);
      });`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
      timeout: 20_000,
    });
    assert.equal(stdout, `${AT_COST_2} ${AT_COST_10} `);
  });
});
