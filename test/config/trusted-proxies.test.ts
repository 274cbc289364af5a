import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { parseProxy } from '../../src/config/read-value.ts';
import { createClientReader } from '../../src/http/request-context.ts';

describe('an address of the setting trustedProxies', () => {
  const accepted = ['127.0.0.1', '::1', '10.0.0.0/8', '192.0.2.7/32', '0.0.0.0/1', 'fd00::/8', '::/128'];
  for (const text of accepted) {
    it(`may be ${text}, which a server can start with`, () => {
      assert.deepEqual(parseProxy(text), { value: text });
      assert.ok(createClientReader([text]));
    });
  }

  const refused = [
    '0.0.0.0/0',
    '::/0',
    '10.0.0.1/00',
    '10.0.0.0/33',
    '::/129',
    'proxy.example',
    '10.0.0',
    '',
  ];
  for (const text of refused) {
    it(`may not be "${text}"`, () => {
      assert.ok('fault' in parseProxy(text));
    });
  }
});
