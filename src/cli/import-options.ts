import type { ImportedBy, LeadArchive, OnDuplicate } from '../core/lead-archive.ts';
import type { Country } from '../core/phone.ts';
import type { DateOrder } from '../files/column-plan.ts';
import type { FormatName } from '../files/formats/file-format.ts';
import type { ImportTally } from '../files/import-lead-file.ts';
import type { Terminal } from '../process/terminal.ts';
import type { ImportProgress } from './import-progress.ts';

/** Of an import that has done nothing yet. */
export function newTally(): ImportTally {
  return { added: 0, updated: 0, unchanged: 0, rejected: 0, removed: 0, line: 0 };
}

/** The flags of `callercard import`. */
export interface ImportOptions {
  /** What the file is called; else as its path says. */
  readonly name?: string | undefined;
  readonly map: readonly string[];
  readonly custom: readonly string[];
  readonly ignore: readonly string[];
  /** For rows that name none. */
  readonly list?: number;
  /** The line that names the columns; else it is found. */
  readonly headerLine?: number;
  /** Of a workbook. */
  readonly sheet?: string;
  readonly onDuplicate: OnDuplicate;
  /** Where rejected rows go; else beside the file. */
  readonly rejects?: string;
  readonly dates?: DateOrder | undefined;
  readonly format?: FormatName | undefined;
  readonly strict?: boolean | undefined;
  readonly ignoreUnknown?: boolean | undefined;
  /** The name under which the answers of the flags are kept. */
  readonly profile?: string;
  readonly json?: boolean;
  /** The column by which another system knows its people. */
  readonly key?: string | undefined;
  /** Leads of the file's lists that are not in it are removed; it is done as a whole or not at all. */
  readonly replace?: boolean;
  /** More than half of a list may be removed. */
  readonly replaceMost?: boolean;
  /** Rejected rows are expected: they keep nobody from being removed, and do not fail the command. */
  readonly acceptRejects?: boolean;
  /** People who were erased are taken all the same. */
  readonly includeErased?: boolean;
  /** The store is a copy, which goes away. */
  readonly dryRun?: boolean;
}

/** As a command line or a request brings them: what is not said is left out. */
export interface SentOptions extends Omit<ImportOptions, 'onDuplicate' | 'map' | 'custom' | 'ignore'> {
  readonly onDuplicate?: ImportOptions['onDuplicate'];
  readonly map?: readonly string[];
  readonly custom?: readonly string[];
  readonly ignore?: readonly string[];
}

export interface ImportTarget {
  readonly archive: LeadArchive;
  readonly country: Country;
  /** The archive is a copy of what a store in PostgreSQL has. */
  readonly asPostgresql?: boolean | undefined;
  /** The setting of the domain. */
  readonly numberBlocks?: boolean | undefined;
}

export interface ImportContext {
  /** Who imports; undefined: an operator, by command. */
  readonly by?: ImportedBy | undefined;
  /** Opens or makes the store; called once files and flags are known to be valid, and before anything is changed. */
  readonly openStore: () => ImportTarget | Promise<ImportTarget>;
  /** Counts what is done, for those who want to know also where the import fails. */
  readonly tally?: ImportTally;
  /** The file of profiles; undefined: there is none. */
  readonly profiles?: string | undefined;
  readonly terminal: Terminal;
  /** Shows how far the reading of a file of so many bytes is; undefined: the terminal does. */
  readonly progress?: ((size: number) => ImportProgress) | undefined;
  /** Another import is waited for; called once it is. Undefined: then nothing is imported. */
  readonly waitsForTurn?: (() => void) | undefined;
  /** Ctrl-C: the import stops after the current batch. */
  readonly signal: AbortSignal;
}
