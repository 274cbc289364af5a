import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { REFRESH_AFTER_MS, createCached, TOO_OLD_MS } from '../../../src/stores/vicidial/schema-cache.ts';

/** Something that is learnt when a test says so. */
function createLesson() {
  let now = 1_000;
  const asked: PromiseWithResolvers<string>[] = [];
  const remembered = createCached(
    () => {
      const question = Promise.withResolvers<string>();
      asked.push(question);
      return question.promise;
    },
    () => now,
  );
  return {
    remembered,
    asked: () => asked.length,
    pass(milliseconds: number) {
      now += milliseconds;
    },
    /** Answers the last question. */
    async answer(value: string | Error) {
      const question = asked.at(-1);
      if (value instanceof Error) question?.reject(value);
      else question?.resolve(value);
      await new Promise(setImmediate);
    },
  };
}

async function learnt(value: string) {
  const lesson = createLesson();
  const first = lesson.remembered.get();
  await lesson.answer(value);
  assert.equal(await first, value);
  return lesson;
}

describe('what is remembered of a dialer', () => {
  it('is asked for by the first who needs it, and all who come meanwhile wait for the same answer', async () => {
    const lesson = createLesson();
    assert.equal(lesson.remembered.latest, undefined);
    assert.equal(lesson.asked(), 0);
    const { remembered } = lesson;
    const all = [remembered.get(), remembered.get(), remembered.refresh()];
    assert.equal(lesson.asked(), 1);
    await lesson.answer('a');
    assert.deepEqual(await Promise.all(all), ['a', 'a', 'a']);
    assert.equal(lesson.remembered.latest, 'a');
  });

  it('is at hand at once and not asked for again while it is young', async () => {
    const lesson = await learnt('a');
    for (let step = 0; step < 10; step += 1) {
      lesson.pass(REFRESH_AFTER_MS / 10);
      assert.equal(await lesson.remembered.get(), 'a');
    }
    assert.equal(lesson.asked(), 1);
  });

  it('is learnt again once, beside those who go on with the old', async () => {
    const lesson = await learnt('a');
    lesson.pass(REFRESH_AFTER_MS + 1);
    for (let call = 0; call < 5; call += 1) assert.equal(await lesson.remembered.get(), 'a');
    assert.equal(lesson.asked(), 2);
    await lesson.answer('b');
    assert.equal(await lesson.remembered.get(), 'b');
    lesson.pass(REFRESH_AFTER_MS);
    assert.equal(await lesson.remembered.get(), 'b');
    assert.equal(lesson.asked(), 2);
  });

  it('is waited for once the old is too old', async () => {
    const lesson = await learnt('a');
    lesson.pass(TOO_OLD_MS + 1);
    const waiting = lesson.remembered.get();
    assert.equal(
      await Promise.race([waiting, new Promise((resolve) => setImmediate(resolve, 'waits'))]),
      'waits',
    );
    await lesson.answer('b');
    assert.equal(await waiting, 'b');
  });

  it('stays in use when it cannot be learnt again, until it is too old', async () => {
    const lesson = await learnt('a');
    lesson.pass(REFRESH_AFTER_MS + 1);
    assert.equal(await lesson.remembered.get(), 'a');
    await lesson.answer(new Error('no'));
    assert.equal(await lesson.remembered.get(), 'a');
    assert.equal(lesson.remembered.latest, 'a');
    lesson.pass(TOO_OLD_MS - REFRESH_AFTER_MS);
    const waiting = assert.rejects(lesson.remembered.get(), { message: 'still no' });
    await lesson.answer(new Error('still no'));
    await waiting;
    await assert.rejects(lesson.remembered.get(), { message: 'still no' });
  });

  it('that cannot be learnt is not asked for with every request, and soon again', async () => {
    const lesson = createLesson();
    const first = assert.rejects(lesson.remembered.get(), { message: 'no' });
    await lesson.answer(new Error('no'));
    await first;
    for (let call = 0; call < 10; call += 1) {
      lesson.pass(40);
      await assert.rejects(lesson.remembered.get(), { message: 'no' });
    }
    assert.equal(lesson.asked(), 1);
    lesson.pass(200);
    const second = lesson.remembered.get();
    assert.equal(lesson.asked(), 2);
    await lesson.answer('a');
    assert.equal(await second, 'a');
    assert.equal(await lesson.remembered.get(), 'a');
  });

  it('that cannot be learnt again is not asked for with every request either', async () => {
    const lesson = await learnt('a');
    lesson.pass(REFRESH_AFTER_MS + 1);
    assert.equal(await lesson.remembered.get(), 'a');
    await lesson.answer(new Error('no'));
    for (let call = 0; call < 10; call += 1) {
      lesson.pass(40);
      assert.equal(await lesson.remembered.get(), 'a');
    }
    assert.equal(lesson.asked(), 2);
    lesson.pass(200);
    assert.equal(await lesson.remembered.get(), 'a');
    assert.equal(lesson.asked(), 3);
    await lesson.answer('b');
    assert.equal(await lesson.remembered.get(), 'b');
  });

  it('is learnt at once when it has proved wrong, however young', async () => {
    const lesson = await learnt('a');
    const anew = lesson.remembered.refresh();
    assert.equal(lesson.asked(), 2);
    await lesson.answer('b');
    assert.equal(await anew, 'b');
    assert.equal(await lesson.remembered.get(), 'b');
  });

  it('that fails to be learnt anew says why, and the old is used on', async () => {
    const lesson = await learnt('a');
    const anew = assert.rejects(lesson.remembered.refresh(), { message: 'no' });
    await lesson.answer(new Error('no'));
    await anew;
    assert.equal(await lesson.remembered.get(), 'a');
  });
});
