import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { bcryptDigest } from '../../../src/stores/vicidial/eksblowfish.ts';

const KEY = Buffer.from('1234567890123456');
const BYTES = Buffer.from('0080ff010101010101010101010101fe', 'hex');

/** Made with Perl's Crypt::Eksblowfish::Bcrypt, key_nul: cost, salt, password, digest. */
const VECTORS: readonly (readonly [number, Buffer, string, string])[] = [
  [0, KEY, 'Passw0rd', 'NJahNfKmL3saJoWu55rfFP/kI/miZUS'],
  [0, KEY, '', 'a5qIoNH3WxyFHmSwdGGn1NSnnjDQ/XW'],
  [0, KEY, 'Gr\u00fc\u00dfe', '0S386sRpAksHFIqyovMJ04vwtstnv4K'],
  [0, KEY, 'x'.repeat(72), 'gTg7kMnTOfI.sDUr55A1qG6v8grGnbG'],
  [2, KEY, 'Passw0rd', '45uS0Lqtzl4WEjFcaKdc6Xg5tpFGrOK'],
  [2, KEY, '', 'MUc4fELekbjQTlQkKspqjvB8nq4CB3S'],
  [2, KEY, `a b'c"d\\e`, 'k43yv4dhDXlTtk0YHr7ItJDdFlA8B4m'],
  [2, KEY, 'Gr\u00fc\u00dfe', 'wswt0pegMXExCq/YHQatFa8FJLHF6lC'],
  [2, KEY, 'Gru\u0308\u00dfe', 'epOWQoan/F7ZodDJzvcQ5wSkJj/MLTC'],
  [2, KEY, '\u{1f511}\u5bc6', 'gItfGqMCxv9Ao8OX5g94x2nLXkfwRBa'],
  [2, KEY, 'x'.repeat(71), 'IhlMmDmHyU1uH7gyfxSKZOHPsWsLBNq'],
  [2, KEY, 'x'.repeat(72), 'a00Vl.tInQAe818VelJwCi4Lj5D4DBe'],
  [2, KEY, 'x'.repeat(73), 'a00Vl.tInQAe818VelJwCi4Lj5D4DBe'],
  [2, KEY, '\u00fc'.repeat(36), 'TWNj9iS0gY4jlje9/0DGhFQtM/ojbhq'],
  [2, BYTES, 'Passw0rd', 'gbq0pNWShWKRG/eukPFRDEVXBzoqHoq'],
  [4, KEY, 'Passw0rd', 'L/oC29BFPstgsA7N/bvoGFOV/s/BubG'],
  [4, KEY, '', 'a5DHUFyzK3oJZWOt36zuwINgaXi59iS'],
  [4, KEY, 'Gr\u00fc\u00dfe', '8dzRIYNf2pE8Wk8IusXov8cyGz2XYb.'],
  [4, BYTES, 'Passw0rd', 'yyHEPhRs6TqQLl9f3321NigKRvMg0fK'],
  [10, KEY, 'Passw0rd', 'fQLVMW1acoi7Q27o7j7Zy52gNVPEmCW'],
  [10, KEY, '', 'AcW3ZPFrkxkVkww93HfOG8xx/Xah1qq'],
  [10, KEY, '\u{1f511}\u5bc6', '4ehp0QUDCLeZqMeYiyyxPsyMf4r3WzC'],
  [10, BYTES, 'Passw0rd', 'KyPnb/tYd07g02ae4OtEMJMaRLeUmfa'],
];

describe('bcrypt', () => {
  for (const [cost, salt, password, digest] of VECTORS) {
    const named = password.length > 20 ? `${password.length} times ${password.charAt(0)}` : `"${password}"`;
    it(`gives what Perl gives for ${named} at cost ${cost}, salt ${salt.toString('hex')}`, () => {
      assert.equal(bcryptDigest(Buffer.from(password), salt, cost), digest);
    });
  }

  it("gives what the C library's crypt gives: $2y$05$CCCCCCCCCCCCCCCCCCCCC.HjfAC7Dcxi40Wnk5Kx74Fe5mhPwPc0m", () => {
    // A salt of 16 bytes whose bcrypt base64 is "CCCCCCCCCCCCCCCCCCCCC.".
    const salt = Buffer.from('10410410410410410410410410410410', 'hex');
    assert.equal(bcryptDigest(Buffer.from('Gr\u00fc\u00dfe'), salt, 5), 'HjfAC7Dcxi40Wnk5Kx74Fe5mhPwPc0m');
  });

  it('refuses a salt of another length, and a cost that there is not', () => {
    const password = Buffer.from('Passw0rd');
    assert.throws(() => bcryptDigest(password, Buffer.alloc(15), 2), RangeError);
    assert.throws(() => bcryptDigest(password, Buffer.alloc(17), 2), RangeError);
    for (const cost of [-1, 32, 2.5, Number.NaN]) {
      assert.throws(() => bcryptDigest(password, KEY, cost), RangeError, `${cost}`);
    }
  });
});
