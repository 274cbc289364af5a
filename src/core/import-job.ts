import type { ImportRefusal } from './import-refusal.ts';
import type { ImportSummary } from './lead-archive.ts';
import type { Actor } from './record-store.ts';

/** What one file that is imported over HTTP may take. */
export const IMPORT_LIMITS = {
  /** Of one part of a file: it must have arrived within LIMITS.requestMs. */
  partBytes: 4 * 1024 * 1024,
  /** Files of a domain that are here at the same time. */
  files: 2,
  /** What nobody has touched for so long is removed. */
  keptMs: 24 * 60 * 60 * 1000,
  /** An import that takes longer is stopped. */
  runMs: 2 * 60 * 60 * 1000,
  /** What must be free on the disk beside a file: as often as its size, for what it becomes in the store. */
  room: 3,
  /** And so much besides, for the store's log and everything else. */
  spareBytes: 64 * 1024 * 1024,
} as const;

/**
 * How far an import is. `receiving`: its file is not whole yet. `waiting`: for another import. `running`: it is looked
 * through, tried or imported. `previewed`: it can be started.
 */
export const IMPORT_STATES = [
  'receiving',
  'waiting',
  'running',
  'previewed',
  'done',
  'failed',
  'stopped',
] as const;
export type ImportState = (typeof IMPORT_STATES)[number];

/** What is done with a file, or with an import that was done: each is an errand of a process of its own. */
export type ImportWork = 'preview' | 'trial' | 'import' | 'undo';

/** What an import is told about its file; the names are those of the flags of `callercard import`. */
export interface ImportAsked {
  readonly list?: number | undefined;
  readonly map?: readonly string[] | undefined;
  readonly custom?: readonly string[] | undefined;
  readonly ignore?: readonly string[] | undefined;
  readonly key?: string | undefined;
  readonly headerLine?: number | undefined;
  readonly sheet?: string | undefined;
  readonly format?: string | undefined;
  readonly dates?: 'dmy' | 'mdy' | undefined;
  readonly onDuplicate?: 'update' | 'skip' | 'add' | undefined;
  readonly strict?: boolean | undefined;
  readonly ignoreUnknown?: boolean | undefined;
  readonly replace?: boolean | undefined;
  readonly replaceMost?: boolean | undefined;
  readonly acceptRejects?: boolean | undefined;
  readonly includeErased?: boolean | undefined;
  /** Of numbers without a country code. */
  readonly country?: string | undefined;
}

/** What a file is, before anything of it is imported. */
export interface ImportPreview {
  readonly kind: string;
  /** The program whose export it is; null: none that is known. */
  readonly format: string | null;
  /** Counted from 1; 0: the file has no line of names. */
  readonly headerLine: number;
  readonly columns: readonly PreviewColumn[];
  /** The first rows, cells in the order of the columns; null: empty. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** What a person should know: sentences without an end. */
  readonly notices: readonly string[];
  /** The same as data, for every language; not in files of an earlier version. */
  readonly saidNotices?: readonly SaidNotice[];
  /** Why it cannot be imported so: clauses. */
  readonly problems: readonly string[];
}

/** A code with its values: src/files/import-words.ts has the words. */
export interface SaidNotice {
  readonly code: string;
  readonly values: readonly unknown[];
}

export interface PreviewColumn {
  /** As the header writes it. */
  readonly column: string;
  /** A field, or `custom field NAME`; null: it is left out. */
  readonly became: string | null;
}

/** What came of a trial or an import: the summary of `callercard import --json`; or of an undo: its three counts. */
export type ImportResult = Readonly<Record<string, unknown>>;

/** One file that is imported over HTTP, or the undo of an import. */
export interface ImportJob {
  readonly id: string;
  readonly fileName: string;
  /** Bytes, as announced; 0: it is an undo. */
  readonly size: number;
  /** Bytes that are here. */
  readonly received: number;
  readonly state: ImportState;
  /** What is or was done last. */
  readonly work: ImportWork;
  /** Whose it is: a user, or `token:NAME`. */
  readonly by: string;
  /** Milliseconds of the wall clock. */
  readonly begunAt: number;
  readonly options: ImportAsked;
  /** 0 to 1, and rows so far. */
  readonly progress?: { readonly share: number; readonly rows: number } | undefined;
  readonly preview?: ImportPreview | undefined;
  /** What would change. */
  readonly trial?: ImportResult | undefined;
  readonly result?: ImportResult | undefined;
  /** Why it failed or was stopped: a sentence. */
  readonly fault?: string | undefined;
  /** Under which it is in the history. */
  readonly importId?: number | undefined;
  readonly hasRejects: boolean;
  /** The file is here: the import can be started, once more where it failed. */
  readonly hasFile: boolean;
}

/** The files of one import, by their paths. */
export interface JobFiles {
  readonly folder: string;
  /** As it was sent. */
  readonly file: string;
  /** Whoever works on it holds its lock. */
  readonly lock: string;
  /** It is there once somebody wants the work to stop. */
  readonly stop: string;
  readonly rejects: string;
  /** The imported file's own name, without folders. */
  readonly fileName: string;
}

/** A job; why nothing was done with it; undefined: there is none. */
export type JobAnswer = ImportJob | { readonly refusal: ImportRefusal } | undefined;

/** Who asks for something, for the records of it. */
export interface ImportActor extends Actor {
  readonly address: string;
}

/** What a domain does with files that are imported over HTTP. Methods reject with StoreFailure. */
export interface ImportJobs {
  /** Those of this machine, the newest first. */
  list(): Promise<readonly ImportJob[]>;
  /** All imports of the store, by whatever way, the newest first. */
  history(): Promise<readonly ImportSummary[]>;
  read(id: string): Promise<ImportJob | undefined>;
  begin(
    about: { readonly fileName: string; readonly size: number; readonly options: ImportAsked },
    by: ImportActor,
  ): Promise<JobAnswer>;
  /** Adds bytes at the end; such as are there already are left as they are. With the last one the file is looked through. */
  put(id: string, offset: number, bytes: Uint8Array, by: ImportActor): Promise<JobAnswer>;
  /** @param options replace those that it began with, where they are given */
  start(
    id: string,
    work: 'preview' | 'trial' | 'import',
    options: ImportAsked,
    by: ImportActor,
  ): Promise<JobAnswer>;
  /** Stops what runs; removes everything of what does not. @returns false: there is none; `stopping`: it ends soon */
  drop(id: string): Promise<boolean | 'stopping'>;
  /** The rows that were rejected, as the file; undefined: none were. */
  rejects(id: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** @param past of the history. One undo at a time */
  undo(past: Pick<ImportSummary, 'importId' | 'fileName'>, by: ImportActor): Promise<JobAnswer>;
}
