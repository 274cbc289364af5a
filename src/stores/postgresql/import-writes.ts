import type { Read } from '../network/connector.ts';
import { copyLine } from './copy-text.ts';
import type { BatchWrites, ImportedLead } from './imported-leads.ts';
import { arrayOf } from './rows.ts';

/** Which line of the files of an import was the first to name a lead: by the files' numbers, from 1. Each session has its own. */
export const IMPORT_LINES = {
  make: `DROP TABLE IF EXISTS pg_temp.import_lines;
    CREATE TEMP TABLE import_lines (file integer, first_lead bigint, first_line bigint, count bigint, PRIMARY KEY (file, first_lead))`,
  columns: ['file', 'first_lead', 'first_line', 'count'],
} as const;

/** A test reads its query plan. */
export const ADD_KEYS = `INSERT INTO external_ids (source, list_id, external_id, lead_id)
  SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::bigint[])`;

/** Leads by their ids: from the first to the last. */
export type IdRange = [first: number, last: number];

/** The ids of leads that were added. @param open that of the batch before, which may go on */
export function rangesOf(added: readonly ImportedLead[], open: IdRange | undefined): readonly IdRange[] {
  const ranges: IdRange[] = open === undefined || added.length === 0 ? [] : [[...open]];
  for (const { leadId } of added) {
    const range = ranges.at(-1);
    if (range?.[1] === leadId - 1) range[1] = leadId;
    else ranges.push([leadId, leadId]);
  }
  return ranges;
}

/** Adds ids of another system, which no lead of their lists has. */
export async function addKeys(run: Read, source: string | null, keys: BatchWrites['keys']): Promise<void> {
  if (keys.length === 0) return;
  await run(ADD_KEYS, [source, ...[0, 1, 2].map((at) => arrayOf(keys.map((key) => key[at] ?? null)))]);
}

/** Leads that follow one another as their lines do share a row. */
export function linesText(file: number, lines: readonly (readonly [leadId: number, line: number])[]): string {
  const runs: [lead: number, line: number, count: number][] = [];
  for (const [leadId, line] of lines) {
    const run = runs.at(-1);
    if (run !== undefined && leadId === run[0] + run[2] && line === run[1] + run[2]) run[2] += 1;
    else runs.push([leadId, line, 1]);
  }
  return runs.map((run) => copyLine([file, ...run])).join('');
}
