import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { readAct } from '../../../src/endpoints/console/users/read-act.ts';
import { USER_RIGHTS } from '../../../src/core/rights.ts';

const SELF = 'Ada';
const SPELLINGS = ['Ada', 'ADA', 'ada ', 'Ａｄａ', 'Àda'];
const TAKES = ['disable', 'remove', 'set', 'grant'] as const;

/** What becomes of a form with these rights. */
function read(what: string, name: string, rights: readonly string[]) {
  const form = new URLSearchParams({ what, name });
  for (const right of rights) form.append('right', right);
  return readAct(form, SELF, 0) ?? assert.fail();
}

describe('the form of an admin', () => {
  it('never takes the console from themselves, however the name is spelled, on an own store and beside a dialer', () => {
    for (const what of TAKES)
      for (const name of SPELLINGS)
        for (const rights of [[], ['card'], ['calls'], ['card', 'read', 'edit', 'calls']])
          assert.deepEqual(
            read(what, name, rights),
            { fault: 'selfRefused' },
            `${what} ${name} ${rights.join()}`,
          );
  });

  it('takes it from others, and gives themselves what they have', () => {
    for (const what of TAKES) assert.ok('act' in read(what, 'Bo', []), what);
    for (const what of ['set', 'grant']) assert.ok('act' in read(what, SELF, USER_RIGHTS), what);
  });
});
