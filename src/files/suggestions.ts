import { distance } from 'fastest-levenshtein';

import { knownNames } from './dictionary.ts';
import { fieldNamed, normaliseName, type FileField } from './file-field.ts';

/**
 * A known name that is nearly the same, for a column that nobody knows (`Telefno`): said, never guessed.
 *
 * @param only of that field
 * @returns `phone_number (as "telefono")`
 */
export function suggestionFor(column: string, only?: FileField): string | undefined {
  const name = normaliseName(column);
  const furthest = name.length < 5 ? 0 : name.length < 8 ? 1 : 2;
  if (furthest === 0 || fieldNamed(column) !== undefined) return undefined;
  let best: { readonly name: string; readonly field: FileField; readonly far: number } | undefined;
  for (const [known] of knownNames()) {
    const field = fieldNamed(known);
    if (field === undefined || (only !== undefined && field !== only)) continue;
    if (Math.abs(known.length - name.length) > furthest) continue;
    const far = distance(name, known);
    if (far <= furthest && far < (best?.far ?? Infinity)) best = { name: known, field, far };
  }
  return best === undefined ? undefined : `${best.field} (as "${best.name}")`;
}
