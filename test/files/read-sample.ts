import { join } from 'node:path';

import type { ImportRow } from '../../src/core/lead-archive.ts';
import type { LeadTextField } from '../../src/core/lead.ts';
import type { Country } from '../../src/core/phone.ts';
import type { ColumnPlan } from '../../src/files/column-plan.ts';
import { planColumns } from '../../src/files/header.ts';
import { lookThrough } from '../../src/files/look-through.ts';
import { openLeadSource } from '../../src/files/open-lead-source.ts';
import { RowReader } from '../../src/files/row.ts';
import { ROOT } from '../support/command.ts';

/** Files as real systems and people write them, with invented details. */
export const SAMPLE_FOLDER = join(ROOT, 'test', 'fixtures', 'lead-files');

/** A file as an import without flags reads it. */
export interface ReadSample {
  /** Why it is refused as a whole. */
  readonly problems: readonly string[];
  readonly plan: ColumnPlan | undefined;
  readonly rows: readonly SampleRow[];
  /** `line 3: reason` */
  readonly rejected: readonly string[];
  /** `line 3: text` */
  readonly warnings: readonly string[];
}

export interface SampleRow extends ImportRow {
  /** The texts that the file has, by field; those that are something. */
  readonly fields: Readonly<Partial<Record<LeadTextField, string>>>;
}

/** Reads a file of test/fixtures/lead-files as `import FILE --list 1` does, without a store. */
export async function readSample(name: string, country: Country = 'MX'): Promise<ReadSample> {
  return readLeads(join(SAMPLE_FOLDER, name), country);
}

/** Reads any file as `import FILE --list 1` does, without a store. */
export async function readLeads(path: string, country: Country = 'MX'): Promise<ReadSample> {
  await using source = await openLeadSource(path, {});
  const content = await lookThrough(source);
  const planned = planColumns(
    source.header,
    { map: [], custom: [], ignore: [], format: source.format },
    true,
    content,
  );
  if ('problems' in planned)
    return { problems: planned.problems, plan: undefined, rows: [], rejected: [], warnings: [] };
  const { plan } = planned;
  const reader = new RowReader(plan, { country, listId: 1, dates: undefined });
  const rows: SampleRow[] = [];
  const rejected: string[] = [];
  const warnings: string[] = [];
  const pieces = source.rows(
    (cells, line) => {
      const row = reader.read(cells);
      if (typeof row === 'string') rejected.push(`line ${line}: ${row}`);
      else rows.push({ ...row, fields: fieldsOf(plan, row) });
      for (const { text } of reader.warnings) warnings.push(`line ${line}: ${text}`);
    },
    (_, line, reason) => rejected.push(`line ${line}: ${reason}`),
  );
  while ((await pieces.next()).done !== true);
  return { problems: [], plan, rows, rejected, warnings };
}

function fieldsOf({ texts }: ColumnPlan, row: ImportRow): SampleRow['fields'] {
  return Object.fromEntries(
    texts.flatMap(({ field }, index) => {
      const text = row.texts[index] ?? null;
      return text === null || text === '' ? [] : [[field, text]];
    }),
  );
}
