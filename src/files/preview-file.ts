import type { ImportPreview } from '../core/import-job.ts';
import type { Cells } from './cells.ts';
import { planColumns } from './header.ts';
import { columnsNamed } from './header-flags.ts';
import { say } from './import-words.ts';
import { ENGLISH_IMPORT } from './import-words-en.ts';
import type { SourceOptions } from './lead-source.ts';
import { openLeadSource } from './open-lead-source.ts';
import { planFile, type PlanFlags } from './plan-file.ts';

const SHOWN_ROWS = 10;
/** Whoever has more of them sees the first ones. */
const SHOWN_COLUMNS = 200;
const SHOWN_CHARACTERS = 200;

/**
 * Says what a file is, its first rows, what its columns would become, and why it could not be imported so.
 *
 * @throws {LeadFileFault} it cannot be read as rows below a header
 */
export async function previewFile(
  path: string,
  flags: PlanFlags & SourceOptions,
  context: { readonly profiles?: string | undefined; readonly signal: AbortSignal },
): Promise<ImportPreview> {
  await using source = await openLeadSource(path, flags);
  const { options, content, planned, notices } = await planFile(source, flags, context);
  const format = options.format ?? source.format;
  // What else it would be: that no list is named says nothing of the columns.
  const other =
    'plan' in planned ? planned : planColumns(source.header, { ...options, format }, true, content);
  const plan = 'plan' in other ? other.plan : undefined;
  const said = [...source.notices, ...notices, ...(plan?.notices ?? [])];
  const became = new Map(plan?.uses.map((use) => [use.header, use.became]));
  const lead = source.header.slice(0, SHOWN_COLUMNS);
  return {
    kind: source.kind,
    format: plan?.format?.name ?? format ?? null,
    headerLine: source.headerLine,
    columns: lead.map((column) => ({ column, became: became.get(column) ?? null })),
    rows: content.samples.slice(0, SHOWN_ROWS).map((cells) => shown(cells, lead.length)),
    notices: said.map((notice) => say(ENGLISH_IMPORT.notices, notice)),
    saidNotices: said,
    problems: [...('problems' in planned ? planned.problems : []), ...faultOfKey(source.header, options.key)],
  };
}

function faultOfKey(header: readonly string[], key: string | undefined): readonly string[] {
  return key === undefined || columnsNamed(header, key).length === 1
    ? []
    : [`--key "${key}": the file has no such column, or several`];
}

function shown(cells: Cells, width: number): Cells {
  return Array.from({ length: width }, (_, at) => cells[at]?.slice(0, SHOWN_CHARACTERS) ?? null);
}
