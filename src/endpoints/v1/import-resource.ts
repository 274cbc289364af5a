import { writeImportAsked } from '../../core/import-asked.ts';
import type { ImportJob, ImportResult } from '../../core/import-job.ts';
import type { ImportSummary } from '../../core/lead-archive.ts';
import type { ImportsFound } from '../../service/imports.ts';
import type { ImportOutcomeResource, ImportResource, ImportsResource } from './schemas-imports.ts';

export function importOf(job: ImportJob): ImportResource {
  const { id, fileName, size, received, state, work, by, hasFile, hasRejects, progress, preview } = job;
  return {
    ...{ id, name: fileName, size, received, state, work, by },
    begun_at: new Date(job.begunAt).toISOString(),
    has_file: hasFile,
    has_rejects: hasRejects,
    import_id: job.importId ?? null,
    progress: progress ?? null,
    options: writeImportAsked(job.options),
    preview:
      preview === undefined
        ? null
        : {
            kind: preview.kind,
            format: preview.format,
            header_line: preview.headerLine,
            columns: preview.columns.map((column) => ({ ...column })),
            rows: preview.rows.map((row) => [...row]),
            notices: [...preview.notices],
            problems: [...preview.problems],
          },
    trial: job.trial === undefined ? null : outcomeOf(job.trial),
    result: job.result === undefined ? null : outcomeOf(job.result),
    fault: job.fault ?? null,
  };
}

const COUNTS = ['added', 'updated', 'unchanged', 'rejected', 'removed', 'restored', 'kept'] as const;

/** The summary of a command, as its process wrote it. */
interface Summary extends Partial<Readonly<Record<(typeof COUNTS)[number], number>>> {
  readonly changedFields?: Readonly<Record<string, number>>;
  readonly removedByList?: Readonly<Record<string, number>>;
  readonly keptBecause?: string | null;
  readonly columns?: readonly { readonly column: string; readonly became: string | null }[];
  readonly notices?: readonly string[];
  readonly firstRejected?: { readonly line: number; readonly reason: string } | null;
  readonly warningCount?: number;
  readonly warnings?: readonly { readonly line: number; readonly text: string }[];
}

export function outcomeOf(result: ImportResult): ImportOutcomeResource {
  const summary: Summary = result;
  const { firstRejected, columns = [], notices = [], warnings = [] } = summary;
  return {
    counts: Object.fromEntries(
      COUNTS.flatMap((name) => (summary[name] === undefined ? [] : [[name, summary[name]]])),
    ),
    changed_fields: { ...summary.changedFields },
    removed_by_list: { ...summary.removedByList },
    kept_because: summary.keptBecause ?? null,
    columns: columns.map(({ column, became }) => ({ column, became })),
    notices: [...notices],
    first_rejected: firstRejected ? { line: firstRejected.line, text: firstRejected.reason } : null,
    warning_count: summary.warningCount ?? 0,
    warnings: warnings.map(({ line, text }) => ({ line, text })),
  };
}

export function importsOf({ jobs, history }: ImportsFound): ImportsResource {
  return { files: jobs.map(importOf), history: history.map(historyOf) };
}

function historyOf({ importId, startedAt, fileName, importedBy, state, canBeUndone, counts }: ImportSummary) {
  return {
    import_id: importId,
    begun_at: `${startedAt.replace(' ', 'T')}Z`,
    name: fileName,
    by: importedBy ?? null,
    state,
    can_be_undone: canBeUndone,
    counts: { ...counts },
  };
}
