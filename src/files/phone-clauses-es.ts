/**
 * The clauses of `readPhone`, `doubtOf` and spreadsheets' damage (src/core/phone.ts, phone-text.ts, phone-doubts.ts,
 * numbers-in-cell.ts) by their English words, with `#` for each number. They complete "phone_number …".
 */
export const PHONE_CLAUSES: Readonly<Record<string, string>> = {
  'is empty': 'está vacío',
  'has no digits': 'no tiene dígitos',
  'has x or * in the place of digits; send all digits':
    'tiene x o * en lugar de dígitos; escriba todos los dígitos',
  'has an extension that is not understood; write it as ext. #':
    'tiene una extensión que no se entiende; escríbala como ext. #',
  'has lost digits in a spreadsheet; format its column as text':
    'perdió dígitos en una hoja de cálculo; dé a su columna el formato de texto',
  'has letters; only digits and + - ( ) . / are understood':
    'tiene letras; solo se entienden dígitos y + - ( ) . /',
  'has a character that does not belong in a telephone number':
    'tiene un carácter que no va en un número de teléfono',
  'was changed by a spreadsheet; format the column as text, put the numbers in again and save again':
    'fue cambiado por una hoja de cálculo; dé a la columna el formato de texto, escriba de nuevo los números y guarde otra vez',
  'has # digits; at least # are needed': 'tiene # dígitos; se necesitan al menos #',
  'has # digits; at most # are possible': 'tiene # dígitos; puede tener # como máximo',
  'has two numbers; send one': 'tiene dos números; escriba uno',
  'is a date': 'es una fecha',
  'is one digit over and over': 'es un solo dígito repetido',
  'has # digits and no area code': 'tiene # dígitos y no lleva clave lada',
  'is of another country, or has lost the zero of #; write +#, or ten digits':
    'es de otro país, o perdió el cero de #; escriba +#, o diez dígitos',
  'has # digits, more than a telephone number has': 'tiene # dígitos, más que un número de teléfono',
  'has # digits, as no number of its country has': 'tiene # dígitos, como ningún número de su país',
  'is not among the numbers that its country gives out': 'no es de los números que asigna su país',
};

/** @returns the English clause where the table has none */
export function phoneClauseInSpanish(clause: string): string {
  const numbers = clause.match(/\d+/g) ?? [];
  let at = 0;
  return PHONE_CLAUSES[clause.replace(/\d+/g, '#')]?.replace(/#/g, () => numbers[at++] ?? '') ?? clause;
}
