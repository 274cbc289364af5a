import { basename } from 'node:path';

import type { Command } from 'commander';

import { type DatabaseAddress, maskPassword, parseDatabase } from '../config/addresses.ts';
import { StoreRefusal } from '../core/store.ts';
import { CommandFailure, EXIT, type ExitCode, wrongUse } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import { copyOwnStore, type StoreDigest } from '../stores/copied-store.ts';
import { isOwnStore, type OwnConfig } from '../stores/store-config.ts';
import { makeStoreFile, readStoreFile } from '../stores/store-files.ts';
import { failureOfDatabase } from './command-store.ts';
import { writeFailure } from './export.ts';
import { createImportProgress } from './import-progress.ts';
import { type ActRecord, withActRecord } from './operator-audit.ts';
import { addDomainFlags, type ChosenDomain, type CommandHost, configOfDomain } from './settings-flags.ts';
import { untilStopped } from './until-stopped.ts';

interface CopyFlags {
  readonly from: string;
  readonly to: string;
  readonly json?: boolean;
}

/** `copy`: all of a store of our own into a new one, also of the other engine. */
export function addCopy(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('copy')
    .description(
      'Copies all of a store into a new one, from SQLite to PostgreSQL or back, and compares both. What is written to the first one meanwhile is not in the copy: end its servers before.',
    )
    .requiredOption('--from <address>', 'the store: sqlite:PATH or postgres://USER:PASSWORD@HOST:5432/NAME')
    .requiredOption('--to <address>', 'the new one, which is not there yet, or has nothing in it')
    .option('--json', 'what was copied, as JSON, with digests');
  addDomainFlags(command, [
    ...(['audit', 'stateFile', 'databasePasswordFile', 'databaseTls', 'databaseCa'] as const),
  ]).action((flags: CopyFlags) =>
    run(() => {
      const domain = configOfDomain({ ...flags, from: undefined, to: undefined }, terminal);
      const [from, to] = [storeAt('--from', flags.from, domain), storeAt('--to', flags.to, domain)];
      for (const [flag, text] of [['--from', flags.from] as const, ['--to', flags.to] as const])
        warnOfSecret(flag, text, terminal);
      // The act is one on the first store: it is told beside it, or where the settings say.
      const recorded = { ...domain, config: from };
      return untilStopped((signal) =>
        withActRecord(recorded, (record) => copy(from, to, { flags, terminal, signal, record })),
      );
    }),
  );
}

/** @throws {CommandFailure} it is no store of our own */
function storeAt(flag: string, text: string, { config }: ChosenDomain): OwnConfig {
  const parsed = parseDatabase(text);
  if ('fault' in parsed) throw wrongUse(`${flag} ${parsed.fault}`);
  const database = parsed.value;
  const given = database.engine !== 'sqlite' && database.password !== '';
  const own = { ...config, database, ...(given && { databasePasswordFile: '' }) };
  if (isOwnStore(own)) return own;
  throw wrongUse(
    `${flag} names a dialer, which callercard only reads; "callercard export" writes no copy of it`,
  );
}

function warnOfSecret(flag: string, text: string, terminal: Terminal): void {
  if (maskPassword(text) === text) return;
  terminal.err(
    `callercard: ${flag} shows a secret to every user of this machine, in the process list; name a file with databasePasswordFile instead`,
  );
}

interface CopyContext {
  readonly flags: CopyFlags;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly record: ActRecord;
}

async function copy(from: OwnConfig, to: OwnConfig, context: CopyContext): Promise<ExitCode> {
  const { signal, record } = context;
  await record.begin({ action: 'copy', subject: `${nameOf(from.database)} to ${nameOf(to.database)}` });
  try {
    const digest = await copyWithProgress(from, to, context);
    record.counts = { leads: rowsOf(digest, 'leads'), users: rowsOf(digest, 'users') };
    record.receipt = digest.sha256;
    report(digest, context);
    return EXIT.ok;
  } catch (cause) {
    if (signal.aborted && cause === signal.reason)
      throw new CommandFailure('stopped; nothing was copied', EXIT.interrupted, { cause });
    throw failureOf(cause, to);
  }
}

function failureOf(cause: unknown, to: OwnConfig): unknown {
  if (cause instanceof CommandFailure || cause instanceof StoreRefusal) return cause;
  const { code } = cause as { readonly code?: unknown };
  // The disk, or a right; the file of the other store is refused by itself.
  if (to.database.engine === 'sqlite' && typeof code === 'string' && failureOfDatabase(cause) === undefined)
    return writeFailure(cause, to.database.path);
  return failureOfDatabase(cause) ?? cause;
}

async function copyWithProgress(
  from: OwnConfig,
  to: OwnConfig,
  { terminal, signal }: CopyContext,
): Promise<StoreDigest> {
  using progress = await createImportProgress(terminal, 100, 'rows');
  return await copyOwnStore(await readerOf(from, terminal), await makerOf(to), {
    signal,
    onProgress: (done, of) => progress.show((done / Math.max(of, 1)) * 100, done),
  });
}

async function readerOf(config: OwnConfig, terminal: Terminal) {
  const { database } = config;
  if (database.engine === 'sqlite') return readStoreFile(database.path);
  const { readSchema } = await import('../stores/store-schemas.ts');
  return readSchema({ ...config, database }, () =>
    terminal.err(
      `callercard: a server has the store in the schema ${database.schema} open; what it writes from now on is not in the copy`,
    ),
  );
}

async function makerOf(config: OwnConfig) {
  const { database } = config;
  if (database.engine === 'sqlite') return makeStoreFile(database.path);
  const { makeSchema } = await import('../stores/store-schemas.ts');
  return makeSchema({ ...config, database });
}

function nameOf(address: DatabaseAddress): string {
  if (address.engine === 'sqlite') return basename(address.path);
  return address.engine === 'postgresql' ? `${address.database}/${address.schema}` : address.database;
}

const rowsOf = (digest: StoreDigest, table: string): number => digest.tables[table]?.rows ?? 0;

function report(digest: StoreDigest, { flags, terminal }: CopyContext): void {
  const [from, to] = [maskPassword(flags.from), maskPassword(flags.to)];
  if (flags.json === true) terminal.json({ from, to, ...digest }, 2);
  const rows = Object.values(digest.tables).reduce((sum, table) => sum + table.rows, 0);
  terminal.err(
    printable(
      `copied ${rowsOf(digest, 'leads')} leads and ${rowsOf(digest, 'users')} users from ${from} to ${to}: ${rows} rows, read again and the same`,
    ),
  );
  terminal.err(
    printable(
      `set database to ${to}; what was written to ${from} meanwhile is there alone, and so is its audit`,
    ),
  );
}
