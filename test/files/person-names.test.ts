import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { splitName } from '../../src/files/person-names.ts';

describe('a whole name', () => {
  const split = (name: string, isIberian = true) => {
    const { first, last } = splitName(name, isIberian);
    return [first, last];
  };

  it('has two surnames in Spanish and Portuguese', () => {
    assert.deepEqual(split('Ana'), ['Ana', null]);
    assert.deepEqual(split('Ana Núñez'), ['Ana', 'Núñez']);
    assert.deepEqual(split('Ana Núñez Peña'), ['Ana', 'Núñez Peña']);
    assert.deepEqual(split('María Guadalupe Ávila Rodríguez'), ['María Guadalupe', 'Ávila Rodríguez']);
    assert.deepEqual(split('María de la Luz Pérez Gómez'), ['María de la Luz', 'Pérez Gómez']);
    assert.deepEqual(split('Juan Pérez de la Cruz'), ['Juan', 'Pérez de la Cruz']);
    assert.deepEqual(split('João da Silva Santos'), ['João', 'da Silva Santos']);
  });

  it('has one surname elsewhere', () => {
    assert.deepEqual(split('Mary Ann Smith', false), ['Mary Ann', 'Smith']);
    assert.deepEqual(split('Jan van der Berg', false), ['Jan', 'van der Berg']);
  });

  it('may have the surname first', () => {
    assert.deepEqual(split('Pérez Gómez, Juan Luis'), ['Juan Luis', 'Pérez Gómez']);
    assert.deepEqual(split('Smith, John', false), ['John', 'Smith']);
    assert.deepEqual(splitName('Pérez de la Cruz Juan Luis', true, true), {
      first: 'Juan Luis',
      last: 'Pérez de la Cruz',
    });
  });

  it('of a company stays whole', () => {
    for (const name of [
      'Muebles del Norte S.A. de C.V.',
      'Muebles del Norte, SA de CV',
      'Grupo Tapatío S. de R.L. de C.V.',
      'Acme Inc.',
      'Acme, LLC',
      'Comercial Sur SAS',
    ])
      assert.deepEqual(split(name), [null, name]);
  });

  it('loses no word', () => {
    for (const name of ['  Ana   María  ', 'de la', 'Ana de', 'A B C D E F']) {
      const [first, last] = split(name);
      assert.equal([first, last].filter((part) => part !== null).join(' '), name.trim().replace(/\s+/g, ' '));
    }
    assert.deepEqual(split('  '), [null, null]);
  });
});
