import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';

import type { LeadArchive } from '../core/lead-archive.ts';
import { messageOf } from '../core/problem.ts';
import { LeadFileFault } from '../files/csv.ts';
import { writeLeadFile } from '../files/write-lead-file.ts';
import { CommandFailure, EXIT, type ExitCode } from '../process/exit-code.ts';
import { isReaderGone, writeText, type Terminal } from '../process/terminal.ts';

export interface ExportContext {
  readonly archive: LeadArchive;
  readonly terminal: Terminal;
  /** Ctrl-C: the unfinished file is removed. */
  readonly signal?: AbortSignal;
  /** Called before anything is written. */
  readonly begin: () => Promise<void>;
  /** Notified of how many leads were written so far. */
  readonly onLeads: (leads: number) => void;
}

/**
 * Exports every lead as CSV.
 *
 * @param file undefined or `-`: standard output
 * @param isForced whether to overwrite an existing file
 * @throws {CommandFailure} the file cannot be written; an existing one is unchanged
 */
export async function exportLeads(
  file: string | undefined,
  isForced: boolean,
  context: ExportContext,
): Promise<ExitCode> {
  if (file === undefined || file === '-') return exportToStdout(context);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new CommandFailure(`${file} is a folder; name a file in it`);
  }
  if (!isForced && existsSync(file)) {
    throw new CommandFailure(`${file} exists; name another file, or overwrite it with --force`);
  }
  // It gets its own name only when it is complete.
  const draft = `${file}.part-${randomBytes(6).toString('hex')}`;
  await context.begin();
  try {
    const leads = await writeDraft(draft, context);
    renameSync(draft, file);
    context.terminal.err(`exported ${leads} leads to ${file}`);
    return EXIT.ok;
  } catch (cause) {
    if (isAborted(cause, context))
      throw new CommandFailure('stopped; no file was written', EXIT.interrupted, { cause });
    throw failureOf(cause, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

async function exportToStdout(context: ExportContext): Promise<ExitCode> {
  await context.begin();
  try {
    for (const { text, leads } of writeLeadFile(context.archive)) {
      context.signal?.throwIfAborted();
      context.onLeads(leads);
      await writeText(context.terminal.stdout, text);
    }
    return EXIT.ok;
  } catch (cause) {
    if (isReaderGone(cause)) return EXIT.ok;
    if (isAborted(cause, context)) return EXIT.interrupted;
    throw failureOf(cause, 'standard output');
  }
}

async function writeDraft(draft: string, { archive, signal, onLeads }: ExportContext): Promise<number> {
  // Customers' data: readable by this user alone.
  const handle = await open(draft, 'wx', 0o600);
  let leads = 0;
  try {
    for (const piece of writeLeadFile(archive)) {
      signal?.throwIfAborted();
      await handle.appendFile(piece.text);
      leads = piece.leads;
      onLeads(leads);
    }
    return leads;
  } finally {
    await handle.close();
  }
}

function isAborted(cause: unknown, { signal }: ExportContext): boolean {
  return signal?.aborted === true && cause === signal.reason;
}

function failureOf(cause: unknown, file: string): CommandFailure {
  const failure = (message: string) => new CommandFailure(message, EXIT.failed, { cause });
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return failure(`there is no folder for ${file}; make it, or name another file`);
  if (code === 'EACCES' || code === 'EROFS')
    return failure(`this user may not write ${file}; name a file in another folder`);
  const reason = messageOf(cause);
  return failure(cause instanceof LeadFileFault ? reason : `${file} cannot be written (${reason})`);
}
