import type { CustomField } from '../core/lead.ts';

/**
 * What a list lacks of the custom fields that a file brings.
 *
 * @param has those of the list
 * @returns those to be appended; or why the list cannot have them
 */
export function missingFields(
  listId: number,
  has: readonly CustomField[],
  wanted: readonly CustomField[],
): readonly CustomField[] | string {
  const missing: CustomField[] = [];
  for (const field of wanted) {
    const there = has.find(({ label }) => label === field.label);
    if (there === undefined) missing.push(field);
    else if (there.type !== field.type) {
      return `list ${listId} has the custom field ${field.label} as ${there.type}, not ${field.type}`;
    }
  }
  return missing;
}
