import type { CustomColumn } from './column-plan.ts';
import { type ColumnRole, customField } from './column-role.ts';
import type { ColumnSamples } from './column-samples.ts';
import type { FileFormat } from './formats/file-format.ts';
import type { Meaning } from './meaning.ts';

/** What a plan is built from. */
export interface PlanContext {
  readonly header: readonly string[];
  readonly roles: readonly (ColumnRole | undefined)[];
  readonly samples: ColumnSamples;
  readonly format: FileFormat | undefined;
  readonly isOwn: boolean;
}

/** The columns of these meanings, those first that a flag names. */
export function columnsOf({ roles }: PlanContext, ...meanings: readonly Meaning[]): readonly number[] {
  const byFlag = (at: number) => {
    const role = roles[at];
    return role?.is === 'known' && role.byFlag ? 0 : 1;
  };
  return [...roles.keys()]
    .filter((at) => {
      const role = roles[at];
      return role?.is === 'known' && meanings.includes(role.meaning);
    })
    .sort((a, b) => byFlag(a) - byFlag(b) || a - b);
}

/** A custom field of what is left over from other columns; its label is one that no column has. */
export function derivedColumn(
  { roles, header }: PlanContext,
  at: number,
  label: string,
  caption: string,
): CustomColumn {
  const labels = new Set(roles.map((role) => (role?.is === 'custom' ? role.field.label : undefined)));
  let free = label;
  for (let number = 2; labels.has(free); number++) free = `${label}_${number}`;
  return {
    at,
    header: header[at] ?? '',
    field: customField(free, 'TEXT', caption),
    lists: undefined,
    isGuessed: true,
  };
}
