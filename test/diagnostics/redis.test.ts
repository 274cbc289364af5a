import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { openStore } from '../../src/stores/open-store.ts';
import { inspectRedis } from '../../src/diagnostics/redis.ts';
import type { Inspection } from '../../src/core/store.ts';
import { runCallercard } from '../support/command.ts';
import { redisSkip, startRedis, type RedisServer } from '../support/redis-server.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';

const RIGHTS =
  '~callercard:* &callercard:calls:2 +ping +select +get +set +multi +exec +publish +subscribe'.split(' ');

describe('what check says about Redis', { skip: redisSkip }, () => {
  let redis: RedisServer;
  let port: string;
  before(async () => {
    redis = await startRedis('planted-secret');
    port = new URL(redis.url).port;
  });
  after(() => redis.kill());

  async function inspect(rest: string): Promise<Inspection> {
    const found = await inspectRedis(`redis://${rest}`);
    assert.ok(!JSON.stringify(found).includes('planted-secret'), 'the password was shown');
    return found;
  }
  const allow = (...rights: readonly string[]) =>
    redis.ask('ACL', 'SETUSER', 'cc', 'reset', 'on', '>planted-secret', ...RIGHTS, ...rights);

  it('is that it takes calls and brings them back, with the rights that it advises and no others', async () => {
    await allow();
    const { level, message } = await inspect(`cc:planted-secret@127.0.0.1:${port}/2`);
    assert.deepEqual([level, message], ['ok', `Redis at 127.0.0.1:${port} takes calls and brings them back`]);
  });

  it('is which right an account lacks, and how to give it', async () => {
    const lacks: readonly (readonly [right: string, what: RegExp])[] = [
      ['resetchannels', /does not let its account use the channel callercard:calls:2;/],
      ['resetkeys', /use the keys callercard:\*;/],
      ['-subscribe', /run SUBSCRIBE;/],
      ['-publish', /run PUBLISH;/],
      ['-set', /run SET;/],
      ['-exec', /run EXEC;/],
    ];
    for (const [right, what] of lacks) {
      await allow(right);
      const { level, message, advice } = await inspect(`cc:planted-secret@127.0.0.1:${port}/2`);
      assert.equal(level, 'problem');
      assert.match(message, what);
      assert.equal(advice, `allow it there: ACL SETUSER cc ${RIGHTS.join(' ')}`);
    }
  });

  it('is what is wrong with the address, the password or the server', async () => {
    const found: readonly (readonly [rest: string, what: RegExp])[] = [
      ['127.0.0.1:1', /cannot be reached \(/],
      [`:planted-secret-2@127.0.0.1:${port}`, /does not take the user name and the password;/],
      [`127.0.0.1:${port}`, /does not take the user name and the password;/],
      [`:planted-secret@127.0.0.1:${port}/999`, /refuses calls \(ERR\)/],
    ];
    for (const [rest, what] of found) {
      const { level, message, advice } = await inspect(rest);
      assert.equal(level, 'problem');
      assert.match(message, what);
      assert.match(message, /; calls reach only the cards of the process that receives them$/);
      assert.ok(advice !== undefined);
    }
    await redis.ask('REPLICAOF', '127.0.0.1', '1');
    assert.match((await inspect(`:planted-secret@127.0.0.1:${port}`)).message, /is a replica/);
    await redis.ask('REPLICAOF', 'NO', 'ONE');
  });

  it('comes from one that is frozen, too', async () => {
    redis.freeze();
    try {
      const { message } = await inspect(`:planted-secret@127.0.0.1:${port}`);
      assert.match(message, /cannot be reached \(/);
    } finally {
      redis.thaw();
    }
  });

  it('is what the command says', async () => {
    const cwd = temporaryFolder();
    await openStore(testConfig(join(cwd, 'callercard.db')), { create: true }).close();
    const check = (url: string) =>
      runCallercard(['check', '--database', 'sqlite:callercard.db', '--redis', url], { cwd });
    const sound = await check(redis.url);
    assert.match(sound.stdout, /^ok +live pop: Redis at 127\.0\.0\.1:\d+ takes calls and brings them back$/m);
    const wrong = await check(`redis://:planted-secret-2@127.0.0.1:${port}`);
    assert.match(wrong.stdout, /^PROBLEM live pop: Redis at .+\n +-> correct them in redis$/m);
    assert.equal(wrong.code, 3);
    for (const { stdout, stderr } of [sound, wrong]) assert.doesNotMatch(stdout + stderr, /planted-secret/);
  });
});
