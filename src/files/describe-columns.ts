import type { ColumnPlan, ColumnUse } from './column-plan.ts';
import type { LeftOut } from './column-role.ts';

/** A line for a person does not have more names than this. */
const SHOWN = 40;
const SHOWN_EMPTY = 10;

const FURTHER = { 'e-mails': 'further addresses of e-mail', addresses: 'further addresses' };

/** What each column became, in a few lines. */
export function describeColumns(plan: ColumnPlan): readonly string[] {
  const { uses, format } = plan;
  const used = uses.filter(({ became }) => became !== undefined);
  const lines: string[] = [];
  if (format !== undefined)
    lines.push(`read as ${format.isStandard === true ? '' : 'an export of '}${format.title}`);
  const renamed = used.filter(({ header, became }) => became !== header);
  if (renamed.length > 0) {
    const same = used.length - renamed.length;
    const others = same === 0 ? '' : `; ${same} more by ${same === 1 ? 'its own name' : 'their own names'}`;
    lines.push(
      `columns: ${list(renamed.map(({ header, became }) => `${header} → ${became ?? ''}`))}${others}`,
    );
  }
  for (const { from, field } of plan.custom) {
    if (from === undefined) continue;
    lines.push(`${FURTHER[from]} of a row → custom field ${field.label}`);
  }
  const out = leftOutLines(uses, programOf(plan));
  if (out.length > 0) lines.push(`left out: ${out.join('; ')}`);
  return lines;
}

/** Who wrote the file, as far as it is known. */
function programOf({ format }: ColumnPlan): string {
  return format === undefined || format.isStandard === true ? 'the file' : format.title;
}

function leftOutLines(uses: readonly ColumnUse[], program: string): readonly string[] {
  const why: Record<Exclude<LeftOut, 'flag' | 'ours'>, string> = {
    format: `${program} writes it for itself`,
    empty: 'no row has anything in it',
    repeated: 'the same as another column of that name',
    unknown: 'not known',
  };
  return Object.entries(why).flatMap(([because, clause]) => {
    const names = uses.filter(({ leftOut }) => leftOut === because).map(({ header }) => header);
    if (names.length === 0) return [];
    // A program that has 92 columns for everybody.
    if (because === 'empty' && names.length > SHOWN_EMPTY)
      return [`${names.length} columns without any value`];
    return [`${list(names)} (${clause})`];
  });
}

function list(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `${names.slice(0, SHOWN).join(', ')}${more}`;
}
