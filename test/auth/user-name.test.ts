import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { IDENTITY_LIMIT, userIdentity } from '../../src/auth/lockout.ts';

describe('the name by which failed logins are counted', () => {
  it('stays short whatever is sent, and keeps long names distinct', () => {
    // U+FDFA is one character that folds into eighteen.
    const sent = ['\ufdfa'.repeat(300), '\ufdfa'.repeat(301), 'a'.repeat(1024), 'b'.repeat(1024)];
    const identities = sent.map(userIdentity);
    for (const identity of identities) assert.ok(identity.length <= IDENTITY_LIMIT, identity);
    assert.equal(new Set(identities).size, sent.length);
    assert.equal(userIdentity('A'.repeat(1024)), userIdentity('a'.repeat(1024)));
  });

  it('is a name itself up to the limit', () => {
    assert.equal(userIdentity('n'.repeat(IDENTITY_LIMIT)), 'n'.repeat(IDENTITY_LIMIT));
    assert.notEqual(userIdentity('n'.repeat(IDENTITY_LIMIT + 1)), 'n'.repeat(IDENTITY_LIMIT + 1));
  });

  it('is not even compared when it is longer than the documented API accepts', () => {
    const [upper, lower] = ['A', 'a'].map((letter) => userIdentity(letter.repeat(1025)));
    assert.match(`${upper} ${lower}`, /^#[\w-]{43} #[\w-]{43}$/);
    assert.notEqual(upper, lower);
  });

  it('has no spaces at its end, and those within', () => {
    assert.equal(userIdentity('Ana  María   '), 'ana  maria');
    assert.equal(userIdentity('   '), '');
  });
});
