import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { networkOf } from '../../src/throttle/throttle.ts';

const EXPECTED: Readonly<Record<string, string>> = {
  '192.0.2.7': '192.0.2.7',
  '::ffff:192.0.2.7': '192.0.2.7',
  '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
  '2001:0DB8:0001:0002::1': '2001:db8:1:2::/64',
  '2001:db8:1:2::': '2001:db8:1:2::/64',
  '2001:db8::1': '2001:db8:0:0::/64',
  '::1': '0:0:0:0::/64',
  '1:2:3::4:5:6:7': '1:2:3:0::/64',
  'fe80::1%eth0': 'fe80:0:0:0::/64',
  '': '',
  unknown: 'unknown',
};

describe('the network of an address', () => {
  for (const [address, network] of Object.entries(EXPECTED)) {
    it(`34: ${JSON.stringify(address)} counts as ${network}`, () =>
      assert.equal(networkOf(address), network));
  }

  it('34: is another one for another customer', () => {
    assert.notEqual(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'));
    assert.notEqual(networkOf('192.0.2.7'), networkOf('192.0.2.8'));
  });
});
