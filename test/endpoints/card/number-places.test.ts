import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { readPhone } from '../../../src/core/phone.ts';
import { offsetOfZones } from '../../../src/endpoints/card/local-time.ts';
import { placeOf } from '../../../src/endpoints/card/number-places.ts';

function placeOfWritten(text: string) {
  const read = readPhone(text, 'MX');
  assert.ok('value' in read, text);
  return placeOf(read.value.key);
}

describe('the place of a number', () => {
  const PLACES: readonly (readonly [number: string, en: string, es: string, zones: readonly string[]])[] = [
    ['33 3123 4567', 'Guadalajara, Jalisco', 'Guadalajara, Jalisco', ['America/Mexico_City']],
    ['+52 1 55 1234 5678', 'Mexico City', 'Ciudad de México', ['America/Mexico_City']],
    ['998 123 4567', 'Quintana Roo', 'Quintana Roo', ['America/Cancun']],
    ['+1 212 736 5000', 'New York, NY', 'New York, NY', ['America/New_York']],
    ['+1 416 967 1111', 'Toronto, ON', 'Toronto, ON', ['America/Toronto']],
    ['+34 954 123 456', 'Seville', 'Sevilla', ['Europe/Madrid']],
    ['+34 928 123 456', 'Las Palmas', 'Las Palmas', ['Atlantic/Canary']],
    ['+54 9 11 4123 4567', 'Buenos Aires', 'Buenos Aires', []],
    ['+54 351 412 3456', 'Córdoba, Córdoba', 'Córdoba, Córdoba', []],
    ['+55 21 2123 4567', 'Rio de Janeiro', 'Rio de Janeiro', ['America/Sao_Paulo']],
    [
      '+56 2 2123 4567',
      'Santiago, Metropolitan Region',
      'Santiago, Región Metropolitana',
      ['America/Santiago'],
    ],
    ['+57 601 234 5678', 'Bogotá', 'Bogotá', []],
  ];
  for (const [number, en, es, zones] of PLACES) {
    it(`of ${number} is ${es}`, () => assert.deepEqual(placeOfWritten(number), { en, es, zones }));
  }

  const NONE = {
    'a mobile without an area': ['+34 612 345 678', '+57 300 123 4567', '+56 9 6123 4567'],
    'a number that is free to call': [
      '800 123 4567',
      '+1 800 555 0199',
      '+55 800 123 4567',
      '+54 800 123 4567',
    ],
    'a country without data here': ['+49 30 123456', '+44 20 7946 0958'],
    'a number without its area': ['3123 4567'],
  };
  for (const [kind, numbers] of Object.entries(NONE)) {
    it(`is not known of ${kind}`, () => {
      for (const number of numbers) assert.equal(placeOfWritten(number), undefined, number);
    });
  }

  it('has a local time where all its zones show the same at that moment', () => {
    const [winter, summer] = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)];
    assert.equal(offsetOfZones(['America/New_York'], winter), -300);
    assert.equal(offsetOfZones(['America/Cancun', 'America/New_York'], winter), -300);
    assert.equal(offsetOfZones(['America/Cancun', 'America/New_York'], summer), undefined);
    assert.equal(offsetOfZones([], winter), undefined);
  });
});
