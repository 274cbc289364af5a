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

  it('does by each button what it keeps, and refuses what another one would', () => {
    const seen = JSON.stringify({ rights: ['card', 'read'], lists: [7], extension: '1001' });
    const shown = { name: 'Bo', seen, lists: '7', extension: '1001' };
    const changes = [
      { ...shown, lists: '8' },
      { ...shown, lists: 'what' },
      { ...shown, extension: '' },
      { ...shown, lists: '' },
    ];
    const sent = (what: string, fields: Readonly<Record<string, string>>, rights = ['card', 'read']) => {
      const form = new URLSearchParams({ ...fields, what });
      for (const right of rights) form.append('right', right);
      return readAct(form, SELF, 0) ?? assert.fail();
    };
    for (const what of ['disable', 'enable', 'remove', 'unlock', 'end sessions']) {
      assert.ok('act' in sent(what, shown), what);
      for (const form of changes)
        assert.deepEqual(sent(what, form), { fault: 'changesApart' }, `${what} ${JSON.stringify(form)}`);
      assert.deepEqual(sent(what, shown, ['card']), { fault: 'changesApart' });
      assert.deepEqual(sent(what, { ...shown, 'new-password': 'x' }), { fault: 'passwordApart' });
      // Of a dialer's user who has no right here yet.
      assert.deepEqual(sent(what, { name: 'Bo' }, ['calls']), { fault: 'changesApart' });
      assert.ok('act' in sent(what, { name: 'Bo' }, []));
    }
  });
});
