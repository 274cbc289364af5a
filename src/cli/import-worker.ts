import { existsSync, rmSync } from 'node:fs';
import { PassThrough } from 'node:stream';

import type { ImportErrand } from '../config/import-errand.ts';
import type { Config } from '../config/settings.ts';
import type { ImportState } from '../core/import-job.ts';
import { isCountry } from '../core/phone.ts';
import { describeError } from '../core/problem.ts';
import { AuditRefusal } from '../audit/audit-limits.ts';
import { StoreRefusal } from '../core/store.ts';
import { withOptionNames } from '../files/import-words.ts';
import { LeadFileFault } from '../files/csv.ts';
import { type JobState, readState, writeState } from '../files/import-folder.ts';
import { profilesPath } from '../files/import-profiles.ts';
import { previewFile } from '../files/preview-file.ts';
import { CommandFailure, EXIT, type ExitCode } from '../process/exit-code.ts';
import { createTerminal, type Terminal } from '../process/terminal.ts';
import { withoutPathsOf } from '../stores/erasure-remains.ts';
import { claimFile } from '../stores/claim-file.ts';
import { openOwnStore, storePath, withStore } from './command-store.ts';
import type { SentOptions } from './import-options.ts';
import { withActRecord } from './operator-audit.ts';
import { runImport, tryImport } from './run-import.ts';
import { undoImport } from './undo-import.ts';

/** So often it is written how far it is, and looked whether it is to stop. */
const LOOK_MS = 500;
/** A reader may be looking at the lock just now. */
const LOCK_MS = 2_000;
/** What a summary keeps; all are counted. */
const MOST_WARNINGS = 100;

// The first file of a process that works on one file: src/domain/import-process.ts starts it.
process.once('message', (errand: ImportErrand) => {
  void work(errand).then(
    () => process.exit(EXIT.ok),
    (cause: unknown) => {
      report(describeError(cause));
      process.exit(EXIT.failed);
    },
  );
});

/** For the log of the server, if it is still there. */
function report(failure: string): void {
  if (process.connected) process.send?.({ failure });
}

/** Does an errand, and writes what becomes of it where every process of the server reads it. */
async function work(errand: ImportErrand): Promise<void> {
  const { files, limitMs } = errand;
  const release = claimFile(files.lock, LOCK_MS);
  if (release === undefined) return;
  const stop = new AbortController();
  const abort = () => stop.abort();
  // The server is gone, or ends.
  process.once('disconnect', abort);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, abort);
  let isLate = false as boolean;
  const limit = setTimeout(() => {
    isLate = true;
    abort();
  }, limitMs);
  const before = readState(files.folder) ?? { state: 'waiting', work: errand.work };
  let state: JobState = { ...before, pid: process.pid };
  let isChanged = false;
  const change = (news: Partial<JobState>) => {
    state = { ...state, ...news };
    isChanged = true;
  };
  const look = setInterval(() => {
    if (existsSync(files.stop)) abort();
    if (isChanged) writeState(files, state);
    isChanged = false;
  }, LOOK_MS);
  try {
    change({ state: 'running' });
    const { state: end, ...news } = await doErrand(errand, stop.signal, change);
    const late = isLate && end === 'stopped' ? { fault: TOO_LATE } : {};
    clearInterval(look);
    if (end === 'done' && errand.work === 'import') rmSync(files.file, { force: true });
    writeState(files, { ...state, ...news, ...late, state: end, progress: undefined, pid: undefined });
  } finally {
    clearInterval(look);
    clearTimeout(limit);
    release();
  }
}

type Change = (news: Partial<JobState>) => void;
/** How it ended. */
type End = Partial<JobState> & { readonly state: ImportState };

async function doErrand(errand: ImportErrand, signal: AbortSignal, change: Change): Promise<End> {
  try {
    return await WORK[errand.work](errand, signal, change);
  } catch (cause) {
    if (signal.aborted && cause === signal.reason) return { state: 'stopped', fault: NOTHING_DONE };
    const isStopped = cause instanceof CommandFailure && cause.exitCode === EXIT.interrupted;
    return { state: isStopped ? 'stopped' : 'failed', fault: faultOf(cause, errand) };
  }
}

const NOTHING_DONE = 'It was stopped; nothing was changed.';
const BEGUN = 'It was stopped; what came before stays. Start it again to finish.';
const TOO_LATE = 'It took longer than an import may, and was stopped; what came before stays.';

const WORK: Readonly<
  Record<ImportErrand['work'], (errand: ImportErrand, signal: AbortSignal, change: Change) => Promise<End>>
> = {
  async preview(errand, signal) {
    const { files, domain } = errand;
    const profiles = profilesPath(storePath(domain.config));
    const preview = await previewFile(files.file, optionsOf(errand), { profiles, signal });
    const said = sayingOf(errand);
    const [notices, problems] = [preview.notices.map(said), preview.problems.map(said)];
    return { state: 'previewed', preview: { ...preview, notices, problems } };
  },

  async trial(errand, signal, change) {
    const { terminal, summary } = silentTerminal();
    const host = { terminal, signal, progress: progressOf(change) };
    const exitCode = await tryImport(domainOf(errand), [errand.files.file], optionsOf(errand), host);
    if (exitCode === EXIT.interrupted) return { state: 'stopped', fault: NOTHING_DONE };
    return { state: 'previewed', trial: resultOf(summary(), errand) };
  },

  async import(errand, signal, change) {
    const { files, by } = errand;
    rmSync(files.rejects, { force: true });
    const { terminal, summary } = silentTerminal();
    const waitsForTurn = () => change({ state: 'waiting' });
    const watch = { terminal, signal, by, progress: progressOf(change), waitsForTurn };
    const options = { ...optionsOf(errand), rejects: files.rejects };
    const exitCode = await withActRecord(
      domainOf(errand),
      (record) => runImport(domainOf(errand), [files.file], options, { ...watch, record }),
      by,
    );
    return endOf(exitCode, summary(), errand);
  },

  async undo(errand, _signal, change) {
    const { importId = 0, by } = errand;
    const { terminal, summary } = silentTerminal();
    const domain = domainOf(errand);
    const exitCode = await withStore(openOwnStore(domain, { log: () => undefined }), ({ archive }) =>
      withActRecord(
        domain,
        (record) => {
          const waitsForTurn = () => change({ state: 'waiting' });
          return undoImport(archive, importId, { terminal, asJson: true, record, waitsForTurn });
        },
        by,
      ),
    );
    return endOf(exitCode, summary(), errand);
  },
};

function endOf(exitCode: ExitCode, summary: object | undefined, errand: ImportErrand): End {
  const result = resultOf(summary, errand);
  const { importId } = result;
  const isStopped = exitCode === EXIT.interrupted;
  return {
    state: isStopped ? 'stopped' : 'done',
    fault: isStopped ? (errand.options.replace === true ? NOTHING_DONE : BEGUN) : undefined,
    result,
    importId: typeof importId === 'number' ? importId : undefined,
  };
}

/** The domain, under the country of the numbers where that is said. */
function domainOf({ domain, options: { country = '' } }: ImportErrand) {
  const config: Config = isCountry(country)
    ? { ...domain.config, defaultCountry: country, chosenCountry: country }
    : domain.config;
  return { ...domain, config };
}

function optionsOf({ options, files }: ImportErrand): SentOptions & ColumnsAsked {
  const { map = [], custom = [], ignore = [] } = options;
  return { ...(options as SentOptions), map, custom, ignore, name: files.fileName, json: true };
}

type ColumnsAsked = Required<Pick<SentOptions, 'map' | 'custom' | 'ignore'>>;

/** Where a command's words go: only its summary is kept. */
function silentTerminal(): { readonly terminal: Terminal; readonly summary: () => object | undefined } {
  const nowhere = new PassThrough();
  nowhere.resume();
  let summary: object | undefined;
  const terminal = {
    ...createTerminal(nowhere, nowhere, nowhere),
    json: (value: unknown) => {
      summary = value as object;
    },
    err: () => undefined,
  };
  return { terminal, summary: () => summary };
}

function progressOf(change: Change) {
  return (size: number) => {
    change({ state: 'running' });
    return {
      show: (bytes: number, rows: number) =>
        change({ progress: { share: Math.min(1, bytes / Math.max(size, 1)), rows } }),
      [Symbol.dispose]: () => undefined,
    };
  };
}

/** The summary for somebody who sees neither the machine's files nor a command line. */
function resultOf(summary: object = {}, errand: ImportErrand): Readonly<Record<string, unknown>> {
  const { warnings = [] } = summary as Readonly<Record<string, unknown>>;
  const kept = (warnings as readonly unknown[]).slice(0, MOST_WARNINGS);
  return JSON.parse(
    JSON.stringify({ ...summary, rejectsFile: undefined, warnings: kept }),
    (_key, value: unknown) => (typeof value === 'string' ? sayingOf(errand)(value) : value),
  ) as Readonly<Record<string, unknown>>;
}

/** Says something in the words of a request: options by their names there, and no path of the machine. */
function sayingOf({ domain: { config }, files }: ImportErrand): (text: string) => string {
  const { database } = config;
  const path = database.engine === 'sqlite' && existsSync(database.path) ? database.path : undefined;
  const withoutPaths = withoutPathsOf(path);
  return (text) =>
    withOptionNames(
      withoutPaths(
        text.replaceAll(files.rejects, 'the rejected rows').replaceAll(files.file, files.fileName),
      ),
    );
}

/** Why it failed, for whoever sent the file; what is the machine's goes to its log. */
function faultOf(cause: unknown, errand: ImportErrand): string {
  if (cause instanceof LeadFileFault || cause instanceof CommandFailure)
    return sayingOf(errand)(cause.message);
  const isRefusal = cause instanceof StoreRefusal || cause instanceof AuditRefusal;
  report(isRefusal ? cause.message : describeError(cause));
  return isRefusal
    ? 'The store or its audit cannot be used; the log of the server says why.'
    : 'It failed for a reason that nobody expected; the log of the server has it.';
}
