import { distance } from 'fastest-levenshtein';

import { knownNames } from './dictionary.ts';
import { fieldNamed, normaliseName, type FileField } from './file-field.ts';

/** The fields that a mistyped name is suggested for; others have names that are near to many words (`saldo`, `saludo`). */
const SUGGESTED: ReadonlySet<FileField> = new Set([
  'phone_number',
  'first_name',
  'last_name',
  'email',
  'address1',
  'city',
  'postal_code',
  'date_of_birth',
  'comments',
]);

/** Letters that a name may differ in from a known one, by its length. */
function furthestOf(name: string): number {
  if (name.length < 5) return 0;
  return name.length < 8 ? 1 : 2;
}

/** As `nearestField`. @returns `phone_number (as "telefono")` */
export function suggestionFor(column: string, only?: FileField): string | undefined {
  const near = nearestField(column, only);
  return near && `${near.field} (as "${near.known}")`;
}

/**
 * A known name that is nearly the same, for a column that nobody knows (`Telefno`, `Emial`): it is said, never guessed.
 *
 * @param only of that field
 */
export function nearestField(
  column: string,
  only?: FileField,
): { readonly known: string; readonly field: FileField } | undefined {
  const name = normaliseName(column);
  const furthest = furthestOf(name);
  if (furthest === 0 || fieldNamed(column) !== undefined) return undefined;
  let best: { readonly known: string; readonly field: FileField; readonly far: number } | undefined;
  for (const [known] of knownNames()) {
    const field = fieldNamed(known);
    if (field === undefined || !(only === undefined ? SUGGESTED.has(field) : field === only)) continue;
    if (Math.abs(known.length - name.length) > furthest || known.length < 5) continue;
    const far = distanceOf(name, known);
    if (far <= furthest && far < (best?.far ?? Infinity)) best = { known, field, far };
  }
  return best;
}

/** Two letters that changed places are one mistake. */
function distanceOf(name: string, known: string): number {
  const far = distance(name, known);
  const sorted = (text: string) => text.split('').sort().join('');
  return far === 2 && sorted(name) === sorted(known) ? 1 : far;
}
