import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { fieldNamed, normaliseName } from '../../src/files/file-field.ts';
import { knownNames, meaningOf } from '../../src/files/dictionary.ts';
import { suggestionFor } from '../../src/files/suggestions.ts';

const NUMBERS = {
  phone:
    'Tel.|Teléfono|TELEFONO|Tel casa|Tel. oficina|Móvil|Celular|Cel|WhatsApp|Número de teléfono|Teléfono (trabajo)|Phone|Home Phone|Mobile number|Business phone|Telefone|Telefone fixo|Telefone celular|Tel. particular|phone1|Celular 1',
  'phone 2':
    'Teléfono 2|celular2|Otro teléfono|Tel. alterno|Second phone|Phone 3|Telefone 2|Teléfono adicional',
  'phone last': 'Fax|Fax oficina|Pager|Fax number',
  'e-mail': 'Correo|E-mail|Correo electrónico|Email address|Correo personal|E-mail 2|Mail',
  'area code': 'Lada|DDD|Código de área|Area code',
  'whole name': 'Nombre completo|Full name|Nombre y apellidos|Nome completo|Nombre del cliente|Customer name',
  paternal: 'Apellido paterno|Primer apellido|Ap. Paterno',
  maternal: 'Apellido materno|Segundo apellido|Ap. Materno',
  company: 'Empresa|Company|Razón social|Organización|Compañía',
  address2: 'Colonia|Col.|Bairro',
  postal_code: 'C.P.|Código postal|ZIP|CEP',
  city: 'Ciudad|Municipio|Cidade|Alcaldía',
  date_of_birth: 'Fecha de nacimiento|F. nacimiento|Birthday|Cumpleaños|Data de nascimento',
} as const;

describe('a name that people give to a column', () => {
  for (const [meaning, names] of Object.entries(NUMBERS)) {
    it(`means: ${meaning}`, () => {
      for (const name of names.split('|')) assert.equal(meaningOf(normaliseName(name)), meaning, name);
    });
  }

  it('of somebody else’s number means nothing', () => {
    for (const name of [
      'Teléfono aval',
      'Tel. referencia',
      'Teléfono de emergencia',
      'Phone type',
      'Correo enviado',
      'Celular robado',
    ])
      assert.equal(meaningOf(normaliseName(name)), undefined, name);
  });

  it('is compared without case, accents and signs, and means a field', () => {
    for (const [name] of knownNames()) assert.equal(normaliseName(name), name);
    assert.equal(fieldNamed('Tel. casa'), 'phone_number');
    assert.equal(fieldNamed('Colonia'), 'address2');
    assert.equal(fieldNamed('RFC'), undefined);
  });
});

describe('a mistyped name', () => {
  it('is near to a known one, which is suggested', () => {
    for (const [name, field] of [
      ['Telefno', 'phone_number'],
      ['Teléfomo', 'phone_number'],
      ['Emial', 'email'],
      ['Apelido', 'last_name'],
      ['Fecha de nacimeinto', 'date_of_birth'],
    ] as const) {
      assert.match(suggestionFor(name) ?? '', new RegExp(`^${field} \\(as "`), name);
    }
  });

  it('is none where it is a known name, short, or far from all', () => {
    for (const name of ['Teléfono', 'RFC', 'Saldo', 'Póliza', 'Vendedor', 'Último pedido', 'Zona'])
      assert.equal(suggestionFor(name), undefined, name);
  });
});
