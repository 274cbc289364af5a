import type { Ask } from './ask.ts';
import type { CallOptions } from './exchange.ts';

/** What an import is told about its file, as the flags of `callercard import`. */
export interface ImportOptions {
  /** For rows that name none. */
  readonly list?: number;
  /** `THEIRS=OURS` */
  readonly map?: readonly string[];
  readonly custom?: readonly string[];
  readonly ignore?: readonly string[];
  readonly key?: string;
  readonly header_line?: number;
  readonly sheet?: string;
  readonly format?: string;
  readonly dates?: 'dmy' | 'mdy';
  readonly on_duplicate?: 'update' | 'skip' | 'add';
  readonly strict?: boolean;
  readonly ignore_unknown?: boolean;
  readonly replace?: boolean;
  readonly replace_most?: boolean;
  readonly accept_rejects?: boolean;
  readonly include_erased?: boolean;
  /** Of numbers without a country code: `MX`. */
  readonly country?: string;
}

/** What an import, its trial or its undo came to. */
export interface ImportOutcome {
  /** `added`, `updated`, `unchanged`, `rejected`, `removed`; of an undo `restored`, `removed`, `kept`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly changed_fields: Readonly<Record<string, number>>;
  readonly removed_by_list: Readonly<Record<string, number>>;
  readonly kept_because: string | null;
  readonly columns: readonly ImportColumn[];
  readonly notices: readonly string[];
  readonly first_rejected: { readonly line: number; readonly text: string } | null;
  readonly warning_count: number;
  readonly warnings: readonly { readonly line: number; readonly text: string }[];
}

export interface ImportColumn {
  readonly column: string;
  /** null: it is left out. */
  readonly became: string | null;
}

/** A file that is imported. */
export interface Import {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly received: number;
  readonly state: 'receiving' | 'waiting' | 'running' | 'previewed' | 'done' | 'failed' | 'stopped';
  readonly work: 'preview' | 'trial' | 'import' | 'undo';
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly begun_at: string;
  readonly has_file: boolean;
  readonly has_rejects: boolean;
  /** Its number in the history. */
  readonly import_id: number | null;
  readonly progress: { readonly share: number; readonly rows: number } | null;
  readonly options: ImportOptions;
  readonly preview: {
    readonly kind: string;
    readonly format: string | null;
    readonly header_line: number;
    readonly columns: readonly ImportColumn[];
    readonly rows: readonly (readonly (string | null)[])[];
    readonly notices: readonly string[];
    /** Why it cannot be imported so. */
    readonly problems: readonly string[];
  } | null;
  readonly trial: ImportOutcome | null;
  readonly result: ImportOutcome | null;
  /** Why it failed or was stopped. */
  readonly fault: string | null;
}

export interface ImportList {
  readonly files: readonly Import[];
  /** All imports of the store, the newest first. */
  readonly history: readonly {
    readonly import_id: number;
    readonly begun_at: string;
    readonly name: string;
    readonly state: 'running' | 'done' | 'stopped' | 'undoing' | 'undone';
    /** A user, `token:NAME`, or `operator` by command; null: nobody wrote it down then. */
    readonly by: string | null;
    readonly can_be_undone: boolean;
    readonly counts: Readonly<Record<string, number>>;
  }[];
}

/** A file with its name. */
export interface SentFile {
  readonly name: string;
  readonly bytes: Blob;
}

/** Files of leads. All of it needs the right `edit` and a user who sees every list. */
export interface Imports {
  /**
   * Sends a file, part by part. The server looks through it then: `getImport` says what it is.
   *
   * @param options `resume`: an import that was begun and whose file did not come whole
   */
  uploadImport(
    file: SentFile,
    about?: ImportOptions,
    options?: CallOptions & { readonly resume?: string },
  ): Promise<Import>;
  /** Imports the file, tries it (`dry_run`), or looks it through once more (`preview`). It goes on after the answer. */
  startImport(
    id: string,
    about?: ImportOptions & { readonly dry_run?: boolean; readonly preview?: boolean },
    options?: CallOptions,
  ): Promise<Import>;
  getImport(id: string, options?: CallOptions): Promise<Import>;
  /** The rows that were not taken, as CSV. */
  getImportRejects(id: string, options?: CallOptions): Promise<string>;
  getImports(options?: CallOptions): Promise<ImportList>;
  /** @param id of an import, or its number in the history */
  undoImport(id: string | number, options?: CallOptions): Promise<Import>;
  /** Stops it, or removes what is there of it. */
  dropImport(id: string, options?: CallOptions): Promise<void>;
}

/** Less than the server takes: each part must arrive within ten seconds. */
const PART_BYTES = 1024 * 1024;

export function createImports(ask: Ask): Imports {
  const at = (id: string | number) => `imports/${encodeURIComponent(id)}`;
  const getImport: Imports['getImport'] = async (id, options) => (await ask<Import>(at(id), options)).said;
  return {
    getImport,
    async uploadImport({ name, bytes }, about, options = {}) {
      const { resume, ...call } = options;
      const body = { ...about, name, size: bytes.size };
      const begin = { method: 'POST', body, isIdempotent: false } as const;
      let seen =
        resume === undefined
          ? (await ask<Import>('imports', call, begin)).said
          : await getImport(resume, call);
      while (seen.received < seen.size) {
        const part = bytes.slice(seen.received, seen.received + PART_BYTES);
        const path = `${at(seen.id)}/parts/${seen.received}`;
        seen = (await ask<Import>(path, call, { method: 'PUT', bytes: part })).said;
      }
      return seen;
    },
    startImport: async (id, about = {}, options) =>
      (await ask<Import>(`${at(id)}/start`, options, { method: 'POST', body: about, isIdempotent: false }))
        .said,
    getImportRejects: async (id, options) =>
      (await ask<never>(`${at(id)}/rejects`, options, { accept: 'text/csv' })).text,
    getImports: async (options) => (await ask<ImportList>('imports', options)).said,
    undoImport: async (id, options) =>
      (await ask<Import>(`${at(id)}/undo`, options, { method: 'POST', isIdempotent: false })).said,
    dropImport: async (id, options) => {
      await ask<object>(at(id), options, { method: 'DELETE' });
    },
  };
}
