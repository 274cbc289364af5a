import { randomBytes } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';

import type { LeadArchive } from '../core/lead-archive.ts';
import { messageOf } from '../core/problem.ts';
import { LeadFileFault } from '../files/csv.ts';
import { type FileKind, kindOf, nameFinishedFile } from '../files/new-file.ts';
import type { Losses } from '../files/file-pieces.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../files/export-formats.ts';
import { writeLeadFile, type WriteOptions } from '../files/write-lead-file.ts';
import { CommandFailure, EXIT, type ExitCode, wrongUse } from '../process/exit-code.ts';
import { isReaderGone, printable, printableLines, writeText, type Terminal } from '../process/terminal.ts';

export interface ExportContext extends Partial<WriteOptions> {
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
 * Exports every lead, as CSV where the context names no other format.
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
  const kind = kindOf(file);
  if (kind !== undefined && !(isForced && kind === 'file')) throw taken(file, kind);
  // It gets its own name only when it is complete.
  const draft = `${file}.part-${randomBytes(6).toString('hex')}`;
  await context.begin();
  try {
    const losses: Losses = new Map();
    const leads = await writeDraft(draft, context, losses);
    if (isForced) renameSync(draft, file);
    else if (!nameFinishedFile(draft, file)) throw taken(file, kindOf(file));
    context.terminal.err(printable(`exported ${leads} leads to ${file}`));
    for (const note of [...notesOn(losses), ...notesOnName(file, optionsOf(context).format)])
      context.terminal.err(printable(note));
    return EXIT.ok;
  } catch (cause) {
    if (isAborted(cause, context))
      throw new CommandFailure('stopped; no file was written', EXIT.interrupted, { cause });
    throw cause instanceof CommandFailure ? cause : writeFailure(cause, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** An export goes into nothing that was there before; with --force it takes the place of a file, and of nothing else. */
function taken(file: string, kind: FileKind | undefined): CommandFailure {
  if (kind === 'folder') return new CommandFailure(`${file} is a folder; name a file in it`);
  if (kind === undefined || kind === 'file')
    return new CommandFailure(`${file} exists; name another file, or overwrite it with --force`);
  return new CommandFailure(`${file} is a ${kind}; name another file, or - for standard output`);
}

async function exportToStdout(context: ExportContext): Promise<ExitCode> {
  const { stdout } = context.terminal;
  const options = optionsOf(context);
  if (stdout.isTTY === true && options.format === 'xlsx')
    throw wrongUse('a workbook is no text for a terminal; name a file for it');
  // Somebody looks at it; a pipe or a file gets the data as they are.
  const written = (content: string | Buffer) =>
    stdout.isTTY === true ? printableLines(content.toString()) : content;
  await context.begin();
  const losses: Losses = new Map();
  try {
    for await (const { content, leads } of writeLeadFile(context.archive, options, losses)) {
      context.signal?.throwIfAborted();
      context.onLeads(leads);
      await writeText(stdout, written(content));
    }
    for (const note of notesOn(losses)) context.terminal.err(printable(note));
    return EXIT.ok;
  } catch (cause) {
    if (isReaderGone(cause)) return EXIT.ok;
    if (isAborted(cause, context)) return EXIT.interrupted;
    throw writeFailure(cause, 'standard output');
  }
}

function optionsOf({ format = 'csv', forSpreadsheet = false }: ExportContext): WriteOptions {
  return { format, forSpreadsheet };
}

/** What the format could not hold. */
function notesOn(losses: Losses): readonly string[] {
  return [...losses].map(([what, count]) => `not held by this format: ${what} (${count} times)`);
}

const NAMES: Readonly<Record<ExportFormat, string>> = {
  csv: 'CSV',
  xlsx: 'an Excel workbook',
  vcf: 'vCards',
  jsonl: 'JSON lines',
};

/** Programs open a file by its name. */
function notesOnName(file: string, format: ExportFormat): readonly string[] {
  const named = EXPORT_FORMATS.find((one) => file.toLowerCase().endsWith(`.${one}`));
  if (named === undefined || named === format) return [];
  return [`${file} is ${NAMES[format]} by its content; for ${NAMES[named]} say --format ${named}`];
}

async function writeDraft(draft: string, context: ExportContext, losses: Losses): Promise<number> {
  const { archive, signal, onLeads } = context;
  // Customers' data: readable by this user alone.
  const handle = await open(draft, 'wx', 0o600);
  let leads = 0;
  try {
    for await (const piece of writeLeadFile(archive, optionsOf(context), losses)) {
      signal?.throwIfAborted();
      await handle.appendFile(piece.content);
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

/** Why a file that a command makes is not there. */
export function writeFailure(cause: unknown, file: string): CommandFailure {
  const failure = (message: string) => new CommandFailure(message, EXIT.failed, { cause });
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return failure(`there is no folder for ${file}; make it, or name another file`);
  if (code === 'EACCES' || code === 'EROFS')
    return failure(`this user may not write ${file}; name a file in another folder`);
  const reason = messageOf(cause);
  return failure(cause instanceof LeadFileFault ? reason : `${file} cannot be written (${reason})`);
}
