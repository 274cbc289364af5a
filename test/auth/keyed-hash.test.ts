import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { createKeyedHash } from '../../src/auth/keyed-hash.ts';

const SUM_BYTES = 32;

test('a keyed hash is the HMAC-SHA256 of the library, for every key and text', () => {
  const keys = fc.uint8Array({ min: 0, max: 127, minLength: 64, maxLength: 64 });
  const texts = fc.string({ unit: 'binary', maxLength: 300 });
  fc.assert(
    fc.property(keys, fc.array(texts, { minLength: 1, maxLength: 3 }), (key, several) => {
      const sumOf = createKeyedHash(key);
      for (const text of several) {
        assert.equal(sumOf(text), createHmac('sha256', key).update(text).digest('binary'));
      }
    }),
  );
});

test('two keyed hashes have keys of their own, so that one says nothing about the other', () => {
  const [one, other] = [createKeyedHash(), createKeyedHash()];
  assert.equal(one('a password').length, SUM_BYTES);
  assert.equal(one('a password'), one('a password'));
  assert.notEqual(one('a password'), other('a password'));
  assert.notEqual(one('a password'), one('a passwore'));
});
