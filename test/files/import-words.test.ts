import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { doubtOf } from '../../src/core/phone-doubts.ts';
import { readPhone } from '../../src/core/phone.ts';
import { say, sayStored, withOptionNames } from '../../src/files/import-words.ts';
import { ENGLISH_IMPORT } from '../../src/files/import-words-en.ts';
import { SPANISH_IMPORT } from '../../src/files/import-words-es.ts';
import { phoneClauseInSpanish } from '../../src/files/phone-clauses-es.ts';
import { droppedValue } from '../../src/files/row-warning.ts';

/** Values that each word may be given: numbers where it counts, else texts. */
const VALUES = ['columna', "'valor'", { code: 'noDay', values: [] }];
const NUMBERS = [2, 3, 4];

describe('what is said of imported files', () => {
  it('is said in other words in Spanish, with all of its values', () => {
    for (const group of ['notices', 'values', 'warnings'] as const) {
      const [english, spanish] = [ENGLISH_IMPORT[group], SPANISH_IMPORT[group]];
      for (const code of Object.keys(english) as never[]) {
        if (code === 'phone') continue;
        for (const values of [VALUES, NUMBERS]) {
          if (group === 'warnings' && values === NUMBERS) continue;
          const said = { code, values } as never;
          const [one, other] = [say<object>(english, said), say<object>(spanish, said)];
          assert.notEqual(one, other, code);
          for (const value of values.filter((each) => typeof each === 'number').map(String))
            assert.equal(other.includes(value), one.includes(value), `${String(code)}: ${value}`);
        }
      }
    }
  });

  it('has Spanish clauses for whatever is wrong with a number', () => {
    const numbers = [
      ...['', '---', '55123456xx', '5512345678;foo', '3315550001e9', 'Ana López', '55_1234_5678'],
      ...['123', '1'.repeat(30), '33 2345 6903 / 33 2345 6904', '2026-05-01', '9999999999', '1234567'],
      ...['445512345678', '1234567890123456', '551234567890', '0000000'],
    ];
    for (const number of numbers) {
      const reading = readPhone(number, 'MX');
      const clause = 'fault' in reading ? reading.fault : doubtOf(number, 'MX');
      if (clause !== undefined) assert.notEqual(phoneClauseInSpanish(clause), clause, number);
    }
    assert.equal(
      phoneClauseInSpanish('has 3 digits; at least 6 are needed'),
      'tiene 3 dígitos; se necesitan al menos 6',
    );
  });

  it('can be said of what was stored, and is not where it is unknown', () => {
    const { said } = droppedValue('dob', 'no sé', { code: 'noDay', values: [] });
    const stored: unknown = JSON.parse(JSON.stringify(said));
    assert.equal(
      sayStored(SPANISH_IMPORT.warnings, stored),
      "dob 'no sé' no es un día del calendario; no se tomó",
    );
    for (const unknown of [
      undefined,
      null,
      'text',
      {},
      { code: 'toString', values: [] },
      { code: 'leftOut' },
    ])
      assert.equal(sayStored(SPANISH_IMPORT.warnings, unknown), undefined);
  });

  it('names options without dashes where there are no flags', () => {
    assert.equal(withOptionNames('say --header-line 3 - or not'), 'say header_line 3 - or not');
  });
});
