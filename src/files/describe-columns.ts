import type { ColumnPlan } from './column-plan.ts';
import type { LeftOut } from './column-role.ts';
import type { ColumnWords } from './import-words.ts';

/** A line for a person does not have more names than this. */
const SHOWN = 40;
const SHOWN_EMPTY = 10;

/** What each column became, in a few lines. */
export function describeColumns(plan: ColumnPlan, words: ColumnWords): readonly string[] {
  const { uses, format } = plan;
  const used = uses.filter(({ became }) => became !== undefined);
  const lines: string[] = [];
  if (format !== undefined) lines.push(words.readAs(format.title, format.isStandard !== true));
  const renamed = used.filter(({ header, became }) => became !== header);
  if (renamed.length > 0) {
    const same = used.length - renamed.length;
    const names = renamed.map(({ header, became }) => `${header} → ${became ?? ''}`);
    lines.push(words.columns(list(names, words), same));
  }
  for (const { from, field } of plan.custom) {
    if (from === undefined) continue;
    lines.push(words.further(from, field.label));
  }
  const out = leftOutLines(plan, words);
  if (out.length > 0) lines.push(words.leftOut(out.join('; ')));
  return lines;
}

function leftOutLines({ uses, format }: ColumnPlan, words: ColumnWords): readonly string[] {
  const program = format === undefined || format.isStandard === true ? words.theFile : format.title;
  const { empty, repeated, unknown } = words.why;
  const why: Record<Exclude<LeftOut, 'flag' | 'ours'>, string> = {
    ...{ empty, repeated, unknown },
    format: words.why.format(program),
  };
  return Object.entries(why).flatMap(([because, clause]) => {
    const names = uses.filter(({ leftOut }) => leftOut === because).map(({ header }) => header);
    if (names.length === 0) return [];
    // A program that has 92 columns for everybody.
    if (because === 'empty' && names.length > SHOWN_EMPTY) return [words.emptyColumns(names.length)];
    return [`${list(names, words)} (${clause})`];
  });
}

function list(names: readonly string[], words: ColumnWords): string {
  return names.slice(0, SHOWN).join(', ') + words.more(names.length - SHOWN);
}
