import type { DomainConfig } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import {
  IMPORT_LIMITS,
  type ImportActor,
  type ImportAsked,
  type ImportJob,
  type ImportJobs,
  type ImportWork,
} from '../core/import-job.ts';
import type { ImportRefusal } from '../core/import-refusal.ts';
import { StoreFailure } from '../core/lead-store.ts';
import type { LogStoreEvent, OwnStore, Store } from '../core/store.ts';
import { createImportFolder, type ImportFolder } from '../files/import-folder.ts';
import { importsFolderOf } from '../stores/imports-folder.ts';
import { claimFile } from '../stores/claim-file.ts';
import type { ImportProcesses } from './import-process.ts';

export interface ImportJobsOptions {
  readonly domain: Pick<DomainConfig, 'name' | 'config'>;
  readonly clock: Clock;
  readonly log: LogStoreEvent;
  readonly processes: ImportProcesses;
}

/** In place of one that is gone. */
const NO_JOB = { state: 'done' } as const;

const SWEEP_MS = 60_000;
/** A process has its lock by then. */
const STARTING_MS = 10_000;

/** The imports of a domain over HTTP; of a dialer there are none. */
export type DomainImports = ReturnType<typeof createImportJobs>;

/** What a domain does with files that are imported over HTTP: here they come and wait; the work is that of other processes. */
export function createImportJobs({ domain, clock, log, processes }: ImportJobsOptions) {
  const folder = createImportFolder(importsFolderOf(domain.config), domain.name);
  const read = (id: string) => current(folder, id, clock.wall());
  const run = createRun(folder, { domain, log, processes });
  const place = { folder, read, run, domain, now: () => clock.wall() };
  const jobs = { ...createFileJobs(place), ...createWorkJobs(place) };
  let sweptAt = -Infinity;
  return {
    /** @param store the one that is open now; throws a StoreFailure */
    portOf: (store: () => Store): ImportJobs => ({
      ...jobs,
      history: async () => (store() as OwnStore).archive.imports(),
    }),
    /** Removes what nobody has touched for a day; it is looked for once a minute. Never throws. */
    sweep(): void {
      const now = clock.monotonic();
      if (now - sweptAt < SWEEP_MS) return;
      sweptAt = now;
      try {
        for (const id of folder.untouched(clock.wall() - IMPORT_LIMITS.keptMs)) {
          const job = read(id);
          if (job === undefined || !isActive(job)) folder.remove(id);
        }
      } catch (cause) {
        log({ level: 'warn', message: 'files of earlier imports cannot be removed', cause });
      }
    },
  };
}

interface JobPlace {
  readonly folder: ImportFolder;
  /** As it is now. */
  readonly read: (id: string) => ImportJob | undefined;
  readonly run: ReturnType<typeof createRun>;
  readonly domain: ImportJobsOptions['domain'];
  readonly now: () => number;
}

/** @returns has a process do something with an import; whoever comes second finds it at work */
function createRun(folder: ImportFolder, { domain, log, processes }: Omit<ImportJobsOptions, 'clock'>) {
  const { name, config } = domain;
  return (
    id: string,
    work: ImportWork,
    { options, importId, by }: { options: ImportAsked; importId?: number | undefined; by: ImportActor },
  ): ImportJob | undefined => {
    const { preview, trial } = folder.state(id) ?? {};
    const kept = { work, options, preview, trial: work === 'preview' ? undefined : trial, importId };
    folder.forgetStop(id);
    folder.setState(id, { ...kept, state: 'waiting' });
    const files = folder.filesOf(id);
    const limitMs = IMPORT_LIMITS.runMs;
    const pid = processes.start(
      { domain: { name, config }, files, work, options, importId, by, limitMs },
      ({ failure }) => log({ level: 'error', message: `an import failed: ${failure}` }),
      (ended) => {
        // By then another one may be at work.
        if (folder.state(id)?.pid === ended) endLost(folder, id);
      },
    );
    if (pid !== undefined) folder.setState(id, { ...kept, state: 'waiting', pid });
    return folder.read(id);
  };
}

/** Files that come. */
function createFileJobs({ folder, read, run, domain, now }: JobPlace) {
  return {
    list: () => soon(() => folder.list().flatMap(({ id }) => read(id) ?? [])),
    read: (id) => soon(() => read(id)),

    begin: (about, by) =>
      soon(() => {
        const refusal = whyNotBegun(folder, about.size, domain.config.importMegabytes);
        if (refusal !== undefined) return { refusal };
        return folder.read(folder.begin({ ...about, by: by.user, begunAt: now() }));
      }),

    put: (id, offset, bytes, by) =>
      soon(() => {
        const job = read(id);
        if (job === undefined) return undefined;
        const { received, size } = job;
        const end = offset + bytes.length;
        if (end <= received) return job;
        if (offset !== received || end > size)
          return { refusal: { why: 'other_offset', received, size } } as const;
        try {
          folder.write(id, offset, bytes);
        } catch (cause) {
          if (isDiskFull(cause)) return { refusal: { why: 'disk_full' } } as const;
          throw cause;
        }
        return end < size ? folder.read(id) : run(id, 'preview', { options: job.options, by });
      }),

    rejects: (id) => soon(() => (read(id)?.hasRejects === true ? folder.readRejects(id) : undefined)),
  } satisfies Partial<ImportJobs>;
}

/** What is done with them. */
function createWorkJobs({ folder, read, run, now }: JobPlace) {
  return {
    start: (id, work, options, by) =>
      soon(() => {
        const job = read(id);
        if (job === undefined) return undefined;
        const refusal = whyNotStarted(job);
        return refusal === undefined
          ? run(id, work, { options: { ...job.options, ...options }, by })
          : { refusal };
      }),

    drop: (id) =>
      soon(() => {
        const job = read(id);
        if (job === undefined) return false;
        if (isActive(job)) {
          folder.askToStop(id);
          return 'stopping';
        }
        folder.remove(id);
        return true;
      }),

    undo: ({ importId, fileName }, by) =>
      soon(() => {
        const isUndoing = ({ id, work }: ImportJob) => work === 'undo' && isActive(read(id) ?? NO_JOB);
        if (folder.list().some(isUndoing)) return { refusal: { why: 'in_work' } } as const;
        const about = { fileName, size: 0, by: by.user, begunAt: now(), options: {} };
        return run(folder.begin(about), 'undo', { options: {}, importId, by });
      }),
  } satisfies Partial<ImportJobs>;
}

function soon<Result>(work: () => Result): Promise<Result> {
  try {
    return Promise.resolve(work());
  } catch (cause) {
    return Promise.reject(new StoreFailure(cause));
  }
}

function whyNotBegun(folder: ImportFolder, size: number, megabytes: number): ImportRefusal | undefined {
  if (megabytes === 0) return { why: 'switched_off' };
  if (size > megabytes * 1024 * 1024) return { why: 'too_large', mebibytes: megabytes };
  const here = folder.list().filter((job) => job.hasFile || job.state === 'receiving');
  if (here.length >= IMPORT_LIMITS.files) return { why: 'too_many', most: IMPORT_LIMITS.files };
  return folder.hasRoom(size) ? undefined : { why: 'disk_full' };
}

function whyNotStarted(job: ImportJob): ImportRefusal | undefined {
  const { received, size } = job;
  if (isActive(job)) return { why: 'in_work' };
  if (received < size) return { why: 'not_whole', received, size };
  return job.hasFile ? undefined : { why: 'file_gone' };
}

export function isActive({ state }: Pick<ImportJob, 'state'>): boolean {
  return state === 'waiting' || state === 'running';
}

/** What is known of an import; one whose process is gone is not at work any longer, whatever it has written. */
function current(folder: ImportFolder, id: string, now: number): ImportJob | undefined {
  const job = folder.read(id);
  if (job === undefined || !isActive(job)) return job;
  const { pid, at } = folder.startOf(id);
  const isStarting = now - at < STARTING_MS && (pid === undefined || isThere(pid));
  return isStarting ? job : endLost(folder, id);
}

/** Says of an import that it failed where its process has gone without a word. */
function endLost(folder: ImportFolder, id: string): ImportJob | undefined {
  const job = folder.read(id);
  if (job === undefined || !isActive(job)) return job;
  const release = claimFile(folder.filesOf(id).lock);
  if (release === undefined) return job;
  try {
    const state = folder.state(id);
    if (state !== undefined && isActive(state))
      folder.setState(id, { ...state, pid: undefined, state: 'failed', fault: LOST });
    return folder.read(id);
  } finally {
    release();
  }
}

const LOST =
  'The process that did it ended before its time. What it had changed is in the history, and can be undone; with replace all of it is taken back.';

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isDiskFull(cause: unknown): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}
