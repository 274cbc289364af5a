import { InvalidArgumentError, Option, type Command } from 'commander';

import type { LogStoreEvent } from '../core/store.ts';
import {
  addDomainFlags,
  type ChosenDomain,
  type CommandHost,
  configOfDomain,
  RECORDED_SETTINGS,
} from './settings-flags.ts';
import { openOwnStore, refuseStoreAsTarget, withStore } from './command-store.ts';
import { addExport } from './export-command.ts';
import type { SentOptions } from './import-options.ts';
import { withActRecord } from './operator-audit.ts';
import { type ExitCode, wrongUse } from '../process/exit-code.ts';
import { FORMAT_NAMES } from '../core/import-formats.ts';
import { untilStopped } from './until-stopped.ts';
import { printable, type Terminal } from '../process/terminal.ts';

/** `import` and `export`: leads from and to files. What they do is loaded when they are run: a server needs none of it. */
export function addFileCommands(program: Command, host: CommandHost): void {
  addImport(program, host);
  addImports(program, host);
  addExport(program, host);
}

function addImport(program: Command, { terminal, run }: CommandHost): void {
  const command = addColumnFlags(program.command('import'))
    .description(
      'Imports leads from a CSV or other text file, an Excel workbook (.xlsx), vCards or JSON, also compressed (.gz); makes the store if there is none.',
    )
    .argument('[files...]', 'the files; - is standard input')
    .option('--list <id>', 'the list for rows without one', readListId)
    .option('--header-line <n>', 'the line that names the columns (default: found)', readLineNumber)
    .option('--sheet <name>', 'the sheet of a workbook, by name or number (default: the first one with rows)')
    .option('--key <column>', 'the column by which rows come back to their leads, whatever else changes')
    .option('--replace', 'remove who is in the lists of the file and not in the file any more')
    .option('--replace-most', 'let --replace remove more than half of a list')
    .option('--dry-run', 'try it on a copy of the store, and tell what would happen')
    .addOption(
      new Option(
        '--on-duplicate <what>',
        'what to do with a row whose number, in its list, or lead_id is there already (default: change the lead of the same name, reject one of another name)',
      ).choices(['update', 'skip', 'add']),
    )
    .option(
      '--rejects <file>',
      'where bad rows go: a file that is not there yet (default: FILE.rejects.csv beside the file, or the next free number)',
    )
    .option(
      '--accept-rejects',
      'rejected rows are expected: exit with 0, and let --replace remove leads all the same',
    )
    .option('--include-erased', 'take rows of people who were erased at their wish (person erase), too')
    .option('--undo <id>', 'take an import back, instead of importing a file', readImportId)
    .option('--json', 'the summary as JSON');
  addDomainFlags(command, [...RECORDED_SETTINGS, 'numberBlocks']).action(
    (files: readonly string[], options: ImportFlags) =>
      run(() => {
        const loaded = configOfDomain(options, terminal);
        if (options.replaceMost === true && options.replace !== true)
          throw wrongUse('--replace-most belongs to --replace');
        if (options.undo !== undefined) {
          if (files.length > 0) throw wrongUse('--undo takes an import back; it takes no file');
          return undoCommand(loaded, options.undo, terminal, options.json === true);
        }
        if (files.length === 0)
          throw wrongUse('name the file to import, or an import to take back with --undo ID');
        refuseStoreAsTarget(options.rejects, loaded.installation);
        return untilStopped(async (signal) => {
          const { runImport, tryImport } = await import('./run-import.ts');
          const host = { terminal, signal };
          return options.dryRun === true
            ? tryImport(loaded, files, options, host)
            : withActRecord(loaded, (record) => runImport(loaded, files, options, { ...host, record }));
        });
      }),
  );
}

/** The flags of `import`, as the command line brings them. */
interface ImportFlags extends SentOptions {
  readonly undo?: number;
}

function undoCommand(
  loaded: ChosenDomain,
  importId: number,
  terminal: Terminal,
  asJson: boolean,
): Promise<ExitCode> {
  const log: LogStoreEvent = ({ message }) => terminal.err(printable(`callercard: ${message}`));
  return withStore(openOwnStore(loaded, { log }), ({ archive }) =>
    withActRecord(loaded, async (record) => {
      const { undoImport } = await import('./undo-import.ts');
      return undoImport(archive, importId, { terminal, asJson, record });
    }),
  );
}

/** `imports`: those that can be taken back, and those before them. */
function addImports(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('imports')
    .description('Lists the imports, the newest first.')
    .option('--json', 'as JSON');
  addDomainFlags(command, RECORDED_SETTINGS).action((options: { readonly json?: boolean }) =>
    run(() =>
      withStore(openOwnStore(configOfDomain(options, terminal)), async ({ archive }) => {
        const { listImports } = await import('./undo-import.ts');
        return listImports(archive, terminal, options.json === true);
      }),
    ),
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

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

function readProfileName(text: string): string {
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,49}$/u.test(text))
    throw new InvalidArgumentError('A profile has a name of 1 to 50 letters, digits, spaces and . _ -');
  return text;
}

function readImportId(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new InvalidArgumentError('An import is named by its number, which "callercard imports" lists.');
  }
  return Number(text);
}

/** @throws {InvalidArgumentError} it is none */
export function readListId(text: string): number {
  if (!/^[1-9]\d{0,13}$/.test(text))
    throw new InvalidArgumentError('A list id is a whole number of 1 to 14 digits.');
  return Number(text);
}

function readLineNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Lines are counted from 1.');
  return Number(text);
}
