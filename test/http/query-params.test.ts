import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { searchParamsOf, strictSearchParamsOf } from '../../src/http/query-params.ts';
import { queryTextOf } from '../../src/http/request-context.ts';
import { ProblemError } from '../../src/core/problem.ts';

const requestOf = (url: string) => ({ raw: { url } }) as unknown as Parameters<typeof searchParamsOf>[0];

describe('the query of a request', () => {
  it('is what comes after the first question mark', () => {
    assert.equal(queryTextOf('/path'), '');
    assert.equal(queryTextOf('/path?'), '');
    assert.equal(queryTextOf('/path?a=1?b'), 'a=1?b');
  });

  it('is decoded once, with + as a space, and keeps what comes twice', () => {
    for (const read of [searchParamsOf, strictSearchParamsOf]) {
      const query = read(requestOf('/path?a=%2541+b%2Bc&a=%C3%A9&b'));
      assert.deepEqual(
        [...query],
        [
          ['a', '%41 b+c'],
          ['a', 'é'],
          ['b', ''],
        ],
      );
      assert.deepEqual([...read(requestOf('/path'))], []);
    }
  });

  it('is refused where all of it must be read and cannot be', () => {
    for (const query of ['a=%', 'a=%zz', '%c3=1', 'a=%ff', 'a=%c0%af', 'a=%C3&b=%A9', 'a=%ED%A0%80']) {
      assert.throws(() => strictSearchParamsOf(requestOf(`/path?${query}`)), isUnparsable, query);
      assert.doesNotThrow(() => searchParamsOf(requestOf(`/path?${query}`)));
    }
  });

  it('is refused beyond 100 parameters', () => {
    assert.equal(strictSearchParamsOf(requestOf(`/path?${'a=1&'.repeat(99)}a=1`)).size, 100);
    assert.throws(() => strictSearchParamsOf(requestOf(`/path?${'a=1&'.repeat(100)}a=1`)), isUnparsable);
  });
});

function isUnparsable(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.code === 'request_unparsable';
}
