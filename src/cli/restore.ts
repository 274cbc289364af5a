import { basename } from 'node:path';

import type { Command } from 'commander';

import type { LogStoreEvent } from '../core/store.ts';
import { CommandFailure, EXIT, type ExitCode } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import { claimFile } from '../stores/claim-file.ts';
import type { EmbeddedConfig } from '../stores/store-config.ts';
import { prepareRestore, type Restorable } from '../stores/store-files.ts';
import { embeddedConfig } from './backup.ts';
import { isStoreThere, waitForServers } from './command-store.ts';
import { writeFailure } from './export.ts';
import { createImportProgress } from './import-progress.ts';
import { type ActRecord, withActRecord } from './operator-audit.ts';
import { addDomainFlags, type CommandHost, configOfDomain, RECORDED_SETTINGS } from './settings-flags.ts';
import { untilStopped } from './until-stopped.ts';

interface RestoreFlags {
  readonly replace?: boolean;
  readonly json?: boolean;
}

/** `restore`: a backup becomes the embedded store. */
export function addRestore(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('restore')
    .description(
      'Makes a backup the embedded store, also under a running server, which answers from it a moment later. Who was erased since is left out.',
    )
    .argument('<file>', 'a file that "callercard backup" has made')
    .option('--replace', 'put it in the place of the store that is there, which is kept beside it')
    .option('--json', 'what was restored, as JSON');
  addDomainFlags(command, [...RECORDED_SETTINGS, 'stateFile', 'erasedDays']).action(
    (file: string, flags: RestoreFlags) =>
      run(() => {
        const domain = configOfDomain(flags, terminal);
        const config = embeddedConfig(domain, 'restored');
        return untilStopped((signal) =>
          withActRecord(domain, (record) => restore(config, file, { flags, terminal, signal, record })),
        );
      }),
  );
}

interface RestoreContext {
  readonly flags: RestoreFlags;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly record: ActRecord;
}

async function restore(config: EmbeddedConfig, file: string, context: RestoreContext): Promise<ExitCode> {
  const { path } = config.database;
  const isThere = await isStoreThere(config);
  if (isThere && context.flags.replace !== true)
    throw new CommandFailure(
      `there is a store at ${path}; --replace puts the backup in its place and keeps it beside it`,
    );
  waitForServers(config);
  // An import or erasure would go on in the former store.
  const release = isThere ? claimFile(`${path}-import`) : () => undefined;
  if (release === undefined)
    throw new CommandFailure(`an import into ${path} is running; run this when it has ended`);
  try {
    await context.record.begin({ action: 'restore', subject: basename(file) });
    using ready = await prepare(config, file, context);
    context.signal.throwIfAborted();
    const former = ready.replace();
    context.record.counts = { leads: ready.content.leads, erased: ready.erased };
    return report({ file, path, ready, former }, context);
  } catch (cause) {
    if (context.signal.aborted && cause === context.signal.reason)
      throw new CommandFailure('stopped; nothing was restored', EXIT.interrupted, { cause });
    throw cause;
  } finally {
    release();
  }
}

async function prepare(
  { database: { path }, erasedDays }: EmbeddedConfig,
  file: string,
  { terminal, signal }: RestoreContext,
): Promise<Restorable> {
  using progress = await createImportProgress(terminal, 100, 'pages');
  const log: LogStoreEvent = ({ message }) => terminal.err(printable(`callercard: ${message}`));
  const onProgress = ({ pages, of }: { pages: number; of: number }) =>
    progress.show((pages / of) * 100, pages);
  try {
    return await prepareRestore(file, path, { erasedDays, signal, log, onProgress });
  } catch (cause) {
    // The disk, or a right.
    const isOfFile = typeof (cause as { code?: unknown }).code === 'string' && !signal.aborted;
    throw isOfFile ? writeFailure(cause, path) : cause;
  }
}

function report(
  {
    file,
    path,
    ready,
    former,
  }: {
    readonly file: string;
    readonly path: string;
    readonly ready: Restorable;
    readonly former: string | undefined;
  },
  { flags, terminal }: RestoreContext,
): ExitCode {
  const { content, erased, unknown } = ready;
  if (flags.json === true)
    terminal.json(
      { store: path, file, ...content, erased, former: former ?? null, unknown: unknown ?? null },
      2,
    );
  const lines = [
    `restored ${content.leads} leads and ${content.users} users from ${file} to ${path}`,
    ...(former === undefined ? [] : [`the former store is ${former}; delete it when you need it no more`]),
    ...(erased === 0 ? [] : [`left out: ${erased} leads that were erased after the backup`]),
    ...(unknown === undefined
      ? []
      : [
          `whom the former store had erased is not known here (${unknown}): erase them again by their receipts`,
        ]),
    'users, passwords and tokens are those of the backup: look through "callercard user list" and "callercard token list"',
  ];
  for (const line of lines) terminal.err(printable(line));
  return unknown === undefined ? EXIT.ok : EXIT.attention;
}
