import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { describeError } from '../../src/core/problem.ts';

const SECRET = 'planted-secret';

describe('what is said of an error that nobody expected', () => {
  it('is its kind, its code and its place', () => {
    const fault = Object.assign(new RangeError('x'), { code: 'ERR_OUT' });
    assert.match(describeError(fault), /^RangeError ERR_OUT < core\/describe-error\.test\.ts:\d+:\d+( < |$)/);
  });

  it('is nothing that somebody may have sent: no message, no field, no cause, no made-up place', () => {
    const message = `${SECRET}\n    at ${SECRET} (/a/${SECRET}.ts:1:1)\n    at b`;
    const fault = Object.assign(new Error(message, { cause: new Error(SECRET) }), {
      code: `${SECRET}!`,
      name: `${SECRET}\u001b[31m`,
      sql: SECRET,
    });
    const words = describeError(fault);
    assert.ok(!words.includes(SECRET), words);
    assert.match(words, /^Error < core\/describe-error\.test\.ts:\d+/);
    for (const thrown of [SECRET, { [SECRET]: SECRET }, undefined, null, Symbol(SECRET)]) {
      assert.match(describeError(thrown), /^a thrown \w+$/);
    }
  });

  it('is one line, however deep the error came from', () => {
    const dive = (depth: number): Error => (depth === 0 ? new Error('deep') : dive(depth - 1));
    const words = describeError(dive(50));
    assert.ok(words.length < 400 && !words.includes('\n'), words);
  });
});
