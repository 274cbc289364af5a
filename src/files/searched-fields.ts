import type { CustomField } from '../core/lead.ts';
import { meaningOf } from './dictionary.ts';
import { normaliseName } from './file-field.ts';

/** Words of names of fields whose values are ids. */
const ID_WORDS: ReadonlySet<string> = new Set(
  (
    'id ids uuid guid rfc curp cpf cnpj nit nif dni cif rut ruc cuit nss ine cedula folio expediente contrato poliza matricula ' +
    'cuenta clave codigo code account contract policy ticket reference referencia sku'
  ).split(' '),
);

/** Whether leads are found by the words of a custom field, and as what: a company's name, or an id. By its label or caption. */
export function searchedAs({ label, caption }: CustomField): 'company' | 'id' | undefined {
  const names = [label, caption ?? ''].map(normaliseName);
  if (names.some((name) => meaningOf(name) === 'company')) return 'company';
  return names.some((name) => name.split('_').some((word) => ID_WORDS.has(word))) ? 'id' : undefined;
}
