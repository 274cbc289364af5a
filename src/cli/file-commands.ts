import { basename } from 'node:path';

import { InvalidArgumentError, Option, type Command } from 'commander';

import type { EmbeddedStore, LogStoreEvent } from '../app.ts';
import { addDomainFlags, type CommandHost, configOfDomain, RECORDED_SETTINGS } from './settings-flags.ts';
import {
  checkNotReplaced,
  openOwnStore,
  refuseStoreAsTarget,
  storePath,
  withStore,
} from './command-store.ts';
import type { ImportOptions } from './import.ts';
import { withActRecord } from './operator-audit.ts';
import { EXIT } from '../process/exit-code.ts';
import { onStopSignal } from '../process/signals.ts';
import { FORMAT_NAMES } from '../files/formats/file-format.ts';
import { printable } from '../process/terminal.ts';

/** What the repeatable flags say when they are not given. */
const NO_COLUMNS = { map: [], custom: [], ignore: [] } as const;

/** `import` and `export`: leads from and to files. What they do is loaded when they are run: a server needs none of it. */
export function addFileCommands(program: Command, host: CommandHost): void {
  addImport(program, host);
  addExport(program, host);
}

function addImport(program: Command, { terminal, run }: CommandHost): void {
  const command = addColumnFlags(program.command('import'))
    .description(
      'Imports leads from a CSV or other text file, an Excel workbook (.xlsx), vCards or JSON, also compressed (.gz); makes the store if there is none.',
    )
    .argument('<file>', 'the file; - is standard input')
    .option('--list <id>', 'the list for rows without one', readListId)
    .option('--header-line <n>', 'the line that names the columns (default: found)', readLineNumber)
    .option('--sheet <name>', 'the sheet of a workbook, by name or number (default: the first one with rows)')
    .addOption(
      new Option(
        '--on-duplicate <what>',
        'what to do with an existing lead: same lead_id, or same list and number',
      )
        .choices(['update', 'skip', 'add'])
        .default('update'),
    )
    .option(
      '--rejects <file>',
      'where bad rows go: a file that is not there yet (default: FILE.rejects.csv beside the file, or the next free number)',
    )
    .option('--json', 'the summary as JSON');
  addDomainFlags(command, RECORDED_SETTINGS).action((file: string, options: ImportOptions) =>
    run(() => {
      const loaded = configOfDomain(options, terminal);
      refuseStoreAsTarget(options.rejects, loaded.installation);
      return untilStopped((signal) =>
        withActRecord(loaded, async (record) => {
          const { importLeads, newTally } = await import('./import.ts');
          const { profilesPath } = await import('../files/import-profiles.ts');
          const tally = newTally();
          let store: EmbeddedStore | undefined;
          const openStore = async () => {
            const log: LogStoreEvent = ({ message }) => terminal.err(printable(`callercard: ${message}`));
            store = openOwnStore(loaded, { create: true, log });
            await record.begin({ action: 'import', subject: basename(file) });
            return { archive: store.archive, country: store.leads.country };
          };
          try {
            const profiles = profilesPath(storePath(loaded.config));
            const context = { openStore, tally, terminal, signal, profiles };
            const exitCode = await importLeads(file, { ...NO_COLUMNS, ...options }, context);
            if (store !== undefined) checkNotReplaced(store);
            record.isStopped = exitCode === EXIT.interrupted;
            return exitCode;
          } finally {
            const { added, updated, unchanged, rejected } = tally;
            record.counts = { added, updated, unchanged, rejected };
            await store?.close();
          }
        }),
      );
    }),
  );
}

/** What the columns of the file are, and what stands in them. */
function addColumnFlags(command: Command): Command {
  return command
    .option('--map <theirs=ours>', 'which field a column is (repeatable)', collect)
    .option('--custom <column[:type]>', 'import a column as a custom field (repeatable)', collect)
    .option('--ignore <column>', 'leave a column out (repeatable)', collect)
    .addOption(
      new Option('--format <name>', 'the program whose export it is (default: as the header says)').choices(
        FORMAT_NAMES,
      ),
    )
    .option(
      '--profile <name>',
      'keep what these flags say under a name; a file with the same header is then read so without them',
      readProfileName,
    )
    .option('--strict', 'unknown columns are an error (default: they become custom fields)')
    .option('--ignore-unknown', 'leave unknown columns out')
    .addOption(
      new Option(
        '--dates <order>',
        'how dates such as 31/12/1990 are written (default: as the values say)',
      ).choices(['dmy', 'mdy']),
    );
}

interface ExportOptions {
  readonly force?: boolean;
  readonly escapeFormulas?: boolean;
}

function addExport(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('export')
    .description('Exports every lead as CSV, which "callercard import" reads back.')
    .argument('[file]', 'the file to make (default: standard output)')
    .option('--force', 'overwrite an existing file')
    .option(
      '--escape-formulas',
      "for spreadsheets: write what one would run (=, +, -, @ at the start of a cell) as text, with ' before it; import takes it away again",
    );
  addDomainFlags(command, RECORDED_SETTINGS).action((file: string | undefined, options: ExportOptions) =>
    run(() => {
      const loaded = configOfDomain(options, terminal);
      refuseStoreAsTarget(file, loaded.installation);
      return untilStopped((signal) =>
        withStore(openOwnStore(loaded), ({ archive }) =>
          withActRecord(loaded, async (record) => {
            const { exportLeads } = await import('./export.ts');
            const exitCode = await exportLeads(file, options.force === true, {
              archive,
              terminal,
              escapeFormulas: options.escapeFormulas ?? false,
              signal,
              begin: () => record.begin({ action: 'export', subject: fileNameOf(file) }),
              onLeads: (leads) => (record.counts = { leads }),
            });
            record.isStopped = exitCode === EXIT.interrupted;
            return exitCode;
          }),
        ),
      );
    }),
  );
}

/** Undefined: standard output. */
function fileNameOf(file: string | undefined): string | undefined {
  return file === undefined || file === '-' ? undefined : basename(file);
}

/** Ctrl-C once: `signal` asks the work to stop where nothing is lost. */
async function untilStopped<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const interrupt = new AbortController();
  const stopListening = onStopSignal(() => interrupt.abort());
  try {
    return await work(interrupt.signal);
  } finally {
    stopListening();
  }
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

function readProfileName(text: string): string {
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,49}$/u.test(text))
    throw new InvalidArgumentError('A profile has a name of 1 to 50 letters, digits, spaces and . _ -');
  return text;
}

function readListId(text: string): number {
  if (!/^[1-9]\d{0,13}$/.test(text))
    throw new InvalidArgumentError('A list id is a whole number of 1 to 14 digits.');
  return Number(text);
}

function readLineNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Lines are counted from 1.');
  return Number(text);
}
