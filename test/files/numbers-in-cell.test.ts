import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { say, type ValueFault } from '../../src/files/import-words.ts';
import { ENGLISH_IMPORT } from '../../src/files/import-words-en.ts';
import { countNumbers, numbersOf, tidyNumber } from '../../src/files/numbers-in-cell.ts';

const english = (fault: ValueFault | undefined) => (fault ? say(ENGLISH_IMPORT.values, fault) : '');

describe('a cell of telephone numbers', () => {
  it('is several where every part alone is a possible number', () => {
    const [a, b] = ['33 2345 6903', '(55) 5345-6904'];
    for (const between of [
      ' / ',
      '/',
      ', ',
      '; ',
      ' ::: ',
      ' y ',
      ' Y ',
      ' e ',
      ' o ',
      ' and ',
      ' & ',
      ' | ',
      '\n',
      '\r\n',
    ]) {
      assert.deepEqual(
        numbersOf(`${a}${between}${b}`, 'MX', ''),
        { numbers: [a, b] },
        JSON.stringify(between),
      );
      assert.equal(countNumbers(`${a}${between}${b}`), 2, JSON.stringify(between));
    }
    assert.deepEqual(numbersOf(`${a} / ${b} / +34 612 345 678`, 'MX', '').numbers.length, 3);
    for (const cell of [
      '+52 33 2345 6903 +52 33 2345 6904',
      '3323456903 3323456904',
      '3323456903 - 3323456904',
    ]) {
      assert.equal(numbersOf(cell, 'MX', '').numbers.length, 2, cell);
      assert.equal(countNumbers(cell), 2, cell);
    }
  });

  it('is one where it is only written with such signs', () => {
    for (const [cell, country] of [
      ['030/1234579', 'DE'],
      ['030/1234579', 'MX'],
      ['33/2345/6903', 'MX'],
      ['+49 30 123456-78', 'DE'],
      ['33 2345 6901, ext. 12', 'MX'],
      ['33 2345 6901; ext 12', 'MX'],
    ] as const) {
      assert.equal(numbersOf(cell, country, '').numbers.length, 1, cell);
      assert.equal(numbersOf(cell, country, '').fault, undefined, cell);
    }
  });

  it('keeps the numbers in it beside what is none', () => {
    const found = numbersOf('33 2345 6903 / preguntar por Ana', 'MX', '');
    assert.deepEqual(found.numbers, ['33 2345 6903']);
    assert.match(english(found.fault), /'preguntar por Ana' in it, which is no number/);
  });

  it('is without what a spreadsheet or a channel puts around it', () => {
    for (const [cell, number] of [
      ['3315550031.0', '3315550031'],
      ['3315550031,00', '3315550031'],
      ['3,315,550,032', '3315550032'],
      ['3.315550030e9', '3315550030'],
      ['3,315550030E+9', '3315550030'],
      ['="3323456909"', '3323456909'],
      ["'3323456908", '3323456908'],
      ['p:+523323456911', '+523323456911'],
      ['5213323456913@s.whatsapp.net', '+5213323456913'],
      ['sip:3323456912@pbx.example.com', '3323456912'],
      ['33.23.45.69.21', '33.23.45.69.21'],
      ['33 2345 6901 x123', '33 2345 6901 x123'],
    ] as const) {
      assert.equal(tidyNumber(cell), number, cell);
    }
  });

  it('is spoilt where an exponent took digits away', () => {
    for (const cell of ['5.23E+11', '5,58765E+11', '3.31555003e9', '1.2E+10', '33e8']) {
      const { numbers, fault } = numbersOf(cell, 'MX', '');
      assert.deepEqual(numbers, [], cell);
      assert.match(english(fault), /was changed by a spreadsheet/, cell);
    }
  });

  it('gets the area code of its row only where it has none', () => {
    assert.deepEqual(numbersOf('1555 0010', 'MX', '33').numbers, ['33 1555 0010']);
    assert.deepEqual(numbersOf('1555 0010 / 1555 0011', 'MX', '33').numbers, [
      '33 1555 0010',
      '33 1555 0011',
    ]);
    for (const number of ['33 1555 0010', '+52 33 1555 0010', '011 5555 1234'])
      assert.deepEqual(numbersOf(number, 'MX', '55').numbers, [number]);
  });
});
