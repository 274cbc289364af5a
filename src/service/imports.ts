import type { RequestContext } from '../auth/principal.ts';
import { parseImportStart, parseNewImport } from '../core/import-asked.ts';
import type { ImportActor, ImportJob, ImportJobs, JobAnswer } from '../core/import-job.ts';
import type { ImportSummary } from '../core/lead-archive.ts';
import { COST_OF_CHANGE } from './change-lead.ts';
import { malformed, type OnRecords, type RecordAccess } from './record-work.ts';
import { refused, type Work } from './work.ts';

export interface NewImportRequest extends RequestContext {
  /** JSON: `name`, `size` and options. */
  readonly sent: unknown;
}

export interface ImportRequest extends RequestContext {
  readonly importId: string;
}

export interface ImportStartRequest extends ImportRequest {
  /** JSON: options, `dry_run` or `preview`. */
  readonly sent: unknown;
}

export interface ImportPartRequest extends ImportRequest {
  /** Where the bytes begin in the file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface JobFound {
  readonly job: ImportJob;
}

/** All imports of a store, by whatever way; and the files that are or were here. */
export interface ImportsFound {
  readonly jobs: readonly ImportJob[];
  readonly history: readonly ImportSummary[];
}

/**
 * Files that are imported over HTTP, for users who see every list: a file has rows of any list, and finds leads by their number
 * in all of them. What changes leads is done and recorded by a process of its own.
 */
export function createImportService(onRecords: OnRecords, jobs: () => ImportJobs) {
  const onImports = createOnImports(onRecords);
  return { ...createFiles(onImports, jobs), ...createWork(onImports, jobs) };
}

/** @returns runs work of somebody who sees every list */
function createOnImports(onRecords: OnRecords) {
  return <Result>(
    context: RequestContext,
    work: (by: ImportActor, access: RecordAccess) => Promise<Work<Result>>,
  ) =>
    onRecords<Result>(context, undefined, async (access) =>
      access.scope === 'every list'
        ? work({ ...access.by, address: context.address }, access)
        : refused({ code: 'every_list_needed' }),
    );
}

type OnImports = ReturnType<typeof createOnImports>;

/** Files that come, and what is known of them. */
function createFiles(onImports: OnImports, jobs: () => ImportJobs) {
  return {
    readImports: (context: RequestContext) =>
      onImports<ImportsFound>(context, async () => {
        const [found, history] = await Promise.all([jobs().list(), jobs().history()]);
        return { records: [], answer: { jobs: found, history } };
      }),

    readImport: ({ importId, ...context }: ImportRequest) =>
      onImports<JobFound>(context, async () => workOf(importId, await jobs().read(importId))),

    /** Says which file will come. */
    beginImport: ({ sent, ...context }: NewImportRequest) =>
      onImports<JobFound>(context, async (by, { charge }) => {
        charge(COST_OF_CHANGE);
        const parsed = parseNewImport(sent);
        if ('faults' in parsed) return refused(malformed(...parsed.faults));
        return workOf('', await jobs().begin(parsed, by));
      }),

    putImportPart: ({ importId, offset, bytes, ...context }: ImportPartRequest) =>
      onImports<JobFound>(context, async (by) =>
        workOf(importId, await jobs().put(importId, offset, bytes, by)),
      ),
  };
}

/** What is done with them. */
function createWork(onImports: OnImports, jobs: () => ImportJobs) {
  return {
    /** Looks the file through once more, tries it, or imports it. */
    startImport: ({ importId, sent, ...context }: ImportStartRequest) =>
      onImports<JobFound>(context, async (by, { charge }) => {
        charge(COST_OF_CHANGE);
        const parsed = parseImportStart(sent);
        if ('faults' in parsed) return refused(malformed(...parsed.faults));
        return workOf(importId, await jobs().start(importId, parsed.work, parsed.options, by));
      }),

    /** Stops it, or removes what is here of it. */
    dropImport: ({ importId, ...context }: ImportRequest) =>
      onImports<{ readonly isStopping: boolean }>(context, async () => {
        const dropped = await jobs().drop(importId);
        if (dropped === false) return refused({ code: 'import_not_found', asked: importId });
        return { records: [], answer: { isStopping: dropped === 'stopping' } };
      }),

    /** The rows that were not taken, as a file. */
    readRejects: ({ importId, ...context }: ImportRequest) =>
      onImports<{ readonly rejects: AsyncIterable<Uint8Array>; readonly fileName: string }>(
        context,
        async () => {
          const [job, rejects] = await Promise.all([jobs().read(importId), jobs().rejects(importId)]);
          if (job === undefined || rejects === undefined)
            return refused({ code: 'import_not_found', asked: importId });
          return { records: [], answer: { rejects, fileName: job.fileName } };
        },
      ),

    /** Takes an import back. @returns what is at work on it */
    undoImport: ({ importId, ...context }: ImportRequest) =>
      onImports<JobFound>(context, async (by, { charge }) => {
        charge(COST_OF_CHANGE);
        const found = await inHistory(jobs(), importId);
        if (found === undefined) return refused({ code: 'import_not_found', asked: importId });
        if (!found.canBeUndone) return refused({ code: 'import_refused', refusal: { why: 'not_undoable' } });
        return workOf(importId, await jobs().undo(found, by));
      }),
  };
}

/** @param id of a file that was imported here, or the number of an import in the history */
async function inHistory(jobs: ImportJobs, id: string): Promise<ImportSummary | undefined> {
  const number = /^\d{1,9}$/.test(id) ? Number(id) : (await jobs.read(id))?.importId;
  return (await jobs.history()).find(({ importId }) => importId === number);
}

function workOf(id: string, answer: JobAnswer): Work<JobFound> {
  if (answer === undefined) return refused({ code: 'import_not_found', asked: id });
  return 'refusal' in answer
    ? refused({ code: 'import_refused', refusal: answer.refusal })
    : { records: [], answer: { job: answer } };
}
