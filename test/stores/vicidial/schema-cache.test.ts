import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { REFRESH_AFTER_MS, createCached, TOO_OLD_MS } from '../../../src/stores/vicidial/schema-cache.ts';

/** A cached value whose reads end when the test says so. */
function createFixture() {
  let now = 1_000;
  const pending: PromiseWithResolvers<string>[] = [];
  const cached = createCached(
    () => {
      const read = Promise.withResolvers<string>();
      pending.push(read);
      return read.promise;
    },
    () => now,
  );
  return {
    cached,
    reads: () => pending.length,
    pass(milliseconds: number) {
      now += milliseconds;
    },
    /** Ends the last read. */
    async answer(value: string | Error) {
      const read = pending.at(-1);
      if (value instanceof Error) read?.reject(value);
      else read?.resolve(value);
      await new Promise(setImmediate);
    },
  };
}

async function createCachedFixture(value: string) {
  const fixture = createFixture();
  const first = fixture.cached.get();
  await fixture.answer(value);
  assert.equal(await first, value);
  return fixture;
}

describe('a cached value of a dialer', () => {
  it('is read by the first caller, and callers that come meanwhile wait for the same read', async () => {
    const fixture = createFixture();
    assert.equal(fixture.cached.latest, undefined);
    assert.equal(fixture.reads(), 0);
    const { cached } = fixture;
    const all = [cached.get(), cached.get(), cached.refresh()];
    assert.equal(fixture.reads(), 1);
    await fixture.answer('a');
    assert.deepEqual(await Promise.all(all), ['a', 'a', 'a']);
    assert.equal(fixture.cached.latest, 'a');
  });

  it('is returned without another read while it is young', async () => {
    const fixture = await createCachedFixture('a');
    for (let step = 0; step < 10; step += 1) {
      fixture.pass(REFRESH_AFTER_MS / 10);
      assert.equal(await fixture.cached.get(), 'a');
    }
    assert.equal(fixture.reads(), 1);
  });

  it('is refreshed once in the background, while callers get the old value', async () => {
    const fixture = await createCachedFixture('a');
    fixture.pass(REFRESH_AFTER_MS + 1);
    for (let call = 0; call < 5; call += 1) assert.equal(await fixture.cached.get(), 'a');
    assert.equal(fixture.reads(), 2);
    await fixture.answer('b');
    assert.equal(await fixture.cached.get(), 'b');
    fixture.pass(REFRESH_AFTER_MS);
    assert.equal(await fixture.cached.get(), 'b');
    assert.equal(fixture.reads(), 2);
  });

  it('is waited for when the old value is too old', async () => {
    const fixture = await createCachedFixture('a');
    fixture.pass(TOO_OLD_MS + 1);
    const waiting = fixture.cached.get();
    assert.equal(
      await Promise.race([waiting, new Promise((resolve) => setImmediate(resolve, 'waits'))]),
      'waits',
    );
    await fixture.answer('b');
    assert.equal(await waiting, 'b');
  });

  it('stays in use after a failed refresh until it is too old', async () => {
    const fixture = await createCachedFixture('a');
    fixture.pass(REFRESH_AFTER_MS + 1);
    assert.equal(await fixture.cached.get(), 'a');
    await fixture.answer(new Error('no'));
    assert.equal(await fixture.cached.get(), 'a');
    assert.equal(fixture.cached.latest, 'a');
    fixture.pass(TOO_OLD_MS - REFRESH_AFTER_MS);
    const waiting = assert.rejects(fixture.cached.get(), { message: 'still no' });
    await fixture.answer(new Error('still no'));
    await waiting;
    await assert.rejects(fixture.cached.get(), { message: 'still no' });
  });

  it('that cannot be read is not read again for every request, but soon', async () => {
    const fixture = createFixture();
    const first = assert.rejects(fixture.cached.get(), { message: 'no' });
    await fixture.answer(new Error('no'));
    await first;
    for (let call = 0; call < 10; call += 1) {
      fixture.pass(40);
      await assert.rejects(fixture.cached.get(), { message: 'no' });
    }
    assert.equal(fixture.reads(), 1);
    fixture.pass(200);
    const second = fixture.cached.get();
    assert.equal(fixture.reads(), 2);
    await fixture.answer('a');
    assert.equal(await second, 'a');
    assert.equal(await fixture.cached.get(), 'a');
  });

  it('that cannot be refreshed is not read again for every request either', async () => {
    const fixture = await createCachedFixture('a');
    fixture.pass(REFRESH_AFTER_MS + 1);
    assert.equal(await fixture.cached.get(), 'a');
    await fixture.answer(new Error('no'));
    for (let call = 0; call < 10; call += 1) {
      fixture.pass(40);
      assert.equal(await fixture.cached.get(), 'a');
    }
    assert.equal(fixture.reads(), 2);
    fixture.pass(200);
    assert.equal(await fixture.cached.get(), 'a');
    assert.equal(fixture.reads(), 3);
    await fixture.answer('b');
    assert.equal(await fixture.cached.get(), 'b');
  });

  it('is refreshed at once when it has proved wrong, however young', async () => {
    const fixture = await createCachedFixture('a');
    const anew = fixture.cached.refresh();
    assert.equal(fixture.reads(), 2);
    await fixture.answer('b');
    assert.equal(await anew, 'b');
    assert.equal(await fixture.cached.get(), 'b');
  });

  it('stays in use when such a refresh fails, which says why', async () => {
    const fixture = await createCachedFixture('a');
    const anew = assert.rejects(fixture.cached.refresh(), { message: 'no' });
    await fixture.answer(new Error('no'));
    await anew;
    assert.equal(await fixture.cached.get(), 'a');
  });
});
