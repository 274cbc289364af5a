import type { LeadList } from '../core/lead-archive.ts';
import type { CustomFieldType } from '../core/lead.ts';
import type { ColumnPlan } from './column-plan.ts';

/**
 * Gives custom fields that nobody named the type that the store's lists have them with: a column that an earlier import made
 * with `--custom "Edad:NUMBER"` stays a number without the flag. Where lists differ, it stays text.
 */
export function withKnownTypes(plan: ColumnPlan, lists: readonly LeadList[]): ColumnPlan {
  const types = new Map<string, Set<CustomFieldType>>();
  for (const { label, type } of lists.flatMap(({ customFields }) => customFields)) {
    types.set(label, (types.get(label) ?? new Set()).add(type));
  }
  const custom = plan.custom.map((column) => {
    const [type, ...others] = types.get(column.field.label) ?? [];
    if (column.isGuessed !== true || type === undefined || others.length > 0) return column;
    return { ...column, field: { ...column.field, type } };
  });
  return { ...plan, custom };
}
