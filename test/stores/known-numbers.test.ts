import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { KnownNumbers } from '../../src/stores/sqlite/bulk-load.ts';

describe('the numbers that an import knows', () => {
  it('lead to every lead that has them, the highest id first', () => {
    const numbers = new KnownNumbers();
    for (let id = 1; id <= 5_000; id++) numbers.add(`52${5_500_000_000 + (id % 2_500)}`, 101, id);
    for (let id = 1; id <= 2_500; id++) {
      const found = numbers.find(`52${5_500_000_000 + (id % 2_500)}`, 101, 100) ?? [];
      // Now and then one too many: it is looked at before it counts.
      assert.ok(found.includes(id) && found.includes(id + 2_500) && found.length <= 3, String(found));
      assert.deepEqual(
        found,
        found.toSorted((a, b) => b - a),
      );
    }
  });

  it('are those of one list', () => {
    const numbers = new KnownNumbers();
    numbers.add('525512345678', 101, 1);
    assert.deepEqual(numbers.find('525512345678', 102, 100), []);
    assert.deepEqual(numbers.find('525512345679', 101, 100), []);
    assert.deepEqual(numbers.find('525512345678', 101, 100), [1]);
  });

  it('say when there are more leads than wanted', () => {
    const numbers = new KnownNumbers();
    for (let id = 1; id <= 4; id++) numbers.add('525512345678', 101, id);
    assert.deepEqual(numbers.find('525512345678', 101, 4), [4, 3, 2, 1]);
    assert.equal(numbers.find('525512345678', 101, 3), undefined);
  });

  it('say when there is no room', () => {
    const numbers = new KnownNumbers();
    assert.equal(numbers.add('525512345678', 101, 4_294_967_296), false);
    for (let id = 1; id <= 2 ** 21; id++) {
      if (!numbers.add(String(id), 101, id)) assert.fail(`no room for ${id}`);
    }
    assert.equal(numbers.add('525512345678', 101, 1), false);
  });
});
