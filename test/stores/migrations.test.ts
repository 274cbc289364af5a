import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { ROOT } from '../support/command.ts';

/** SHA-256 of each migration, as stores have run it. A change of a store is a new migration, and a new line here. */
const LANDED = {
  sqlite: {
    '001-first-store.sql': '19ab143652632bff2339e11c95aa002167f83359662a8cb92c6226a0d332c071',
    '002-keys.sql': '4eb3335eff470994a70ff5457867b84c367face391cf3e5e46b2f6c303ee18e9',
    '003-winners.sql': '206fdd6f17c88cd89f51a3b3fa63dc935ed70e30b5be6a0bd9e39a404f91234f',
    '004-logins.sql': '77a89516beeb912fc52c1ff8eeee19bb2f480f0ee345aba9fcb2d023b676dc3c',
    '005-rights.sql': 'f88283227247c973fe64530db5c24a0ce9ec089933fa38552f6bcfb7c23df0ca',
    '006-daily-leads.sql': 'c67c43bb27e8aa9f91f3cac85702d3887dbbed1c371928c8cfd7d9c46af1c2e0',
    '007-numbers.sql': 'a5eb11e8d4d0be180b3633049be1d5b5fdf2164793ee61899109e1e1435e64fc',
    '008-imports.sql': 'd7a9ddfe352ab04459e35143cdbb8e167b63e6e4bad678a9dc7e4201bee7783a',
    '009-records.sql': '4fc7239bc91b3cef0275f8d77ea90b75e2c2e8ee90fe72ce9f97dc2622ba33b1',
    '010-search.sql': '632799cc00f522de88e3f009f43bc73dac77795fd86ad36c5c9237c0f6807999',
    '011-erasures.sql': '9780a2fbe0e2460f542ecb1af829bb6d559e002be583317fa574bbcd56aa1768',
    '012-masks.sql': '7a077c2b87f7d3b59ee09ab8ce7aecbd80067ff2c606d6efc7e7aeaefad4e44b',
    '013-calls.sql': 'cd26aea408a276be7c1f1fa93b0e36e2305d61e4e7b56a9fe93dc48046ed2b64',
    '014-who-and-where.sql': '548f2b3f64e51272d8ea4ce57e4eb7b556633ef55c3178f6da5059c810982c9f',
  },
  postgresql: {
    '001-first-store.sql': '21ea01947fddb28beafe1011e8f5b15974803a99a900a1d776a30eabd8d5631c',
    '002-calls-and-leases.sql': '4feee5e1bab2c86121d37ea85144aa8082188bf17b5ced1dd2e6a688ac3655a3',
    '003-calls.sql': 'c2a4d286d1c79834d8d058c3786b35d7e4f10961bcc187f2ae38032ffe435968',
    '004-audit.sql': 'e65bc7b70c1a5d0d6fdb1a295f9e8669a364d3bfb3f407dc3b473a804781883a',
    '005-audit-days.sql': '8cd5bc9a8b43d34055131f1eec64d67cf2d65d17e6bf6c68094318b7fbe31ccd',
    '006-who-and-where.sql': '7e05f365163e20ea4f3963cd1cc8fd9f6fd277e7a781475248c42784f6f56e2f',
  },
};

describe('the migrations of a store', () => {
  for (const [engine, landed] of Object.entries(LANDED)) {
    it(`54: are never edited once they have landed, in ${engine}`, () => {
      const folder = join(ROOT, 'src/stores', engine, 'migrations');
      const files = readdirSync(folder).toSorted();
      const hashes = files.map((file) => [file, hash('sha256', readFileSync(join(folder, file)))]);
      assert.deepEqual(Object.fromEntries(hashes), landed);
    });
  }
});
