import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, rmSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';

import type { Command } from 'commander';

import { StoreRefusal } from '../core/store.ts';
import { syncFolder } from '../files/folders.ts';
import { kindOf, nameFinishedFile } from '../files/new-file.ts';
import { CommandFailure, EXIT, type ExitCode, wrongUse } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import { isEmbedded, type EmbeddedConfig } from '../stores/store-config.ts';
import { copyLiveStore, type CopiedStore } from '../stores/store-files.ts';
import { refuseStoreAsTarget } from './command-store.ts';
import { writeFailure } from './export.ts';
import { createImportProgress } from './import-progress.ts';
import { type ActRecord, withActRecord } from './operator-audit.ts';
import {
  addDomainFlags,
  type ChosenDomain,
  type CommandHost,
  configOfDomain,
  RECORDED_SETTINGS,
} from './settings-flags.ts';
import { untilStopped } from './until-stopped.ts';

interface BackupOptions {
  readonly json?: boolean;
}

/** `backup`: the embedded store as it is at one moment. */
export function addBackup(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('backup')
    .description(
      'Copies the embedded store to a file, as it is at one moment, also while a server uses it, and reads the copy through. "callercard restore" brings it back.',
    )
    .argument('<file>', 'the file to make')
    .option('--json', 'what was copied, as JSON');
  addDomainFlags(command, [...RECORDED_SETTINGS, 'stateFile']).action(
    (file: string, options: BackupOptions) =>
      run(() => {
        const domain = configOfDomain(options, terminal);
        const config = embeddedConfig(domain, 'backed up');
        refuseStoreAsTarget(file, domain.installation);
        if (kindOf(file) !== undefined) throw taken(file);
        return untilStopped((signal) =>
          withActRecord(domain, (record) => backUp(config, file, { options, terminal, signal, record })),
        );
      }),
  );
}

/** @throws {CommandFailure} the store is no file: what to do instead */
export function embeddedConfig({ config }: ChosenDomain, done: 'backed up' | 'restored'): EmbeddedConfig {
  if (isEmbedded(config)) return config;
  const [tools, own] =
    config.database.engine === 'postgresql'
      ? [`a store in PostgreSQL is ${done} by its own tools (pg_dump, pg_restore)`, '']
      : [
          `a dialer is ${done} by its own tools`,
          `; what callercard keeps beside it is in a file: --database sqlite:${config.stateFile}`,
        ];
  throw wrongUse(`${tools}${own}; docs/operations.md, "Backups"`);
}

interface BackupContext {
  readonly options: BackupOptions;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly record: ActRecord;
}

async function backUp(
  { database: { path } }: EmbeddedConfig,
  file: string,
  { options, terminal, signal, record }: BackupContext,
): Promise<ExitCode> {
  // It gets its own name only when it is complete.
  const draft = `${file}.part-${randomBytes(6).toString('hex')}`;
  await record.begin({ action: 'backup', subject: basename(file) });
  try {
    const copied = await copyWithProgress(path, draft, terminal, signal);
    const sha256 = await digestOf(draft);
    const bytes = statSync(draft).size;
    if (!nameFinishedFile(draft, file)) throw taken(file);
    syncFolder(dirname(resolve(file)));
    record.counts = { leads: copied.leads };
    record.receipt = sha256;
    report({ file, ...copied, bytes, sha256 }, options, terminal);
    return EXIT.ok;
  } catch (cause) {
    if (signal.aborted && cause === signal.reason)
      throw new CommandFailure('stopped; no file was written', EXIT.interrupted, { cause });
    const isSaid = cause instanceof CommandFailure || cause instanceof StoreRefusal;
    throw isSaid ? cause : writeFailure(cause, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

async function copyWithProgress(
  path: string,
  draft: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<CopiedStore> {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  using progress = await createImportProgress(terminal, size, 'pages');
  return await copyLiveStore(path, draft, {
    signal,
    onProgress: ({ pages, of }) => progress.show((pages / of) * size, pages),
  });
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function report(
  backup: CopiedStore & { readonly file: string; readonly bytes: number; readonly sha256: string },
  { json }: BackupOptions,
  terminal: Terminal,
): void {
  if (json === true) terminal.json(backup, 2);
  const { file, leads, users, bytes } = backup;
  const size = (bytes / 1_000_000).toFixed(1);
  terminal.err(
    printable(`backed up ${leads} leads and ${users} users to ${file} (${size} MB), and read it through`),
  );
}

/** A backup takes the place of nothing. */
function taken(file: string): CommandFailure {
  return new CommandFailure(`${file} exists; name a file that is not there yet`);
}
