import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { BoundedMap } from '../../src/core/bounded-map.ts';

describe('a bounded map', () => {
  it('keeps the newest entries up to its limit', () => {
    const map = new BoundedMap<string, number>(3);
    for (const [value, key] of ['a', 'b', 'c', 'd'].entries()) map.set(key, value);
    assert.equal(map.size, 3);
    assert.equal(map.get('a'), undefined);
    assert.deepEqual(
      ['b', 'c', 'd'].map((key) => map.get(key)),
      [1, 2, 3],
    );
  });

  it('counts an entry that is set again as new', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    map.set('c', 4);
    assert.equal(map.get('a'), 3);
    assert.equal(map.get('b'), undefined);
    assert.equal(map.get('c'), 4);
  });

  it('does not push anything out for an entry that is there already', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('b', 3);
    assert.equal(map.size, 2);
    assert.equal(map.get('a'), 1);
  });

  it('takes names such as __proto__ for names', () => {
    const map = new BoundedMap<string, number>(10);
    for (const key of ['__proto__', 'constructor', 'toString']) {
      assert.equal(map.get(key), undefined);
      map.set(key, 1);
      assert.equal(map.get(key), 1);
    }
    assert.equal(map.size, 3);
  });

  it('stays at its limit whatever comes, and forgets no more than an eighth at once', () => {
    const map = new BoundedMap<number, string>(100);
    for (let key = 0; key < 50_000; key++) map.set(key, 'x');
    assert.ok(map.size <= 100 && map.size >= 87, `${map.size}`);
    assert.equal(map.get(49_899), undefined);
    assert.equal(map.get(50_000 - 87), 'x');
  });
});
