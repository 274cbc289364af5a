import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { readGender, repairText } from '../../src/files/words.ts';

describe('a gender', () => {
  it('is read in three languages', () => {
    for (const word of ['F', 'f', 'Femenino', 'MUJER', 'Female', 'feminino', 'Sra.'])
      assert.equal(readGender(word, false), 'F', word);
    for (const word of ['M', 'Masculino', 'Hombre', 'h', 'male', 'Varón', 'homem'])
      assert.equal(readGender(word, false), 'M', word);
    for (const word of ['U', 'Unspecified', 'Otro', 'No especificado', 'N/A'])
      assert.equal(readGender(word, false), 'U', word);
    for (const word of ['?', 'sí', '12', '']) assert.equal(readGender(word, false), undefined, word);
  });

  it('has M for women where the column has H for men', () => {
    assert.equal(readGender('M', true), 'F');
    assert.equal(readGender('H', true), 'M');
  });
});

describe('text in the wrong encoding', () => {
  const misread = (text: string) => new TextDecoder('windows-1252').decode(Buffer.from(text, 'utf8'));

  it('is read as it was meant', () => {
    for (const text of ['José Núñez', '¿Qué tal?', 'Ávila', 'à la carte', '“cita”', '5 €', 'São João'])
      assert.equal(repairText(misread(text)), text);
  });

  it('stays where it is right', () => {
    for (const text of ['José Núñez', 'SÃO PAULO', 'Ana', '', 'Â', 'JosÃ© Núñez', 'naïve Ã'])
      assert.equal(repairText(text), text);
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('abc áéíóúñüÑÁãõç')) }),
        (text) => repairText(text) === text,
      ),
    );
  });
});
