import { basename } from 'node:path';

import { type Command, Option } from 'commander';

import { EXPORT_FORMATS, type ExportFormat } from '../files/export-formats.ts';
import { EXIT, wrongUse } from '../process/exit-code.ts';
import { openOwnStore, refuseStoreAsTarget, withStore } from './command-store.ts';
import { withActRecord } from './operator-audit.ts';
import { addDomainFlags, type CommandHost, configOfDomain, RECORDED_SETTINGS } from './settings-flags.ts';
import { untilStopped } from './until-stopped.ts';

interface ExportOptions {
  readonly force?: boolean;
  readonly format?: ExportFormat;
  readonly forSpreadsheet?: boolean;
}

/** `export`: all leads to a file. */
export function addExport(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('export')
    .description('Exports every lead to a file that "callercard import" reads back.')
    .argument('[file]', 'the file to make (default: standard output)')
    .addOption(
      new Option('--format <name>', 'CSV, an Excel workbook, vCards or JSON lines (default: csv)').choices(
        EXPORT_FORMATS,
      ),
    )
    .option('--force', 'overwrite an existing file')
    .option(
      '--for-spreadsheet',
      "CSV that a spreadsheet opens: its accents are right, and what it would run (=, +, -, @ at the start of a cell) is text, with ' before it; import takes that away again",
    );
  addDomainFlags(command, RECORDED_SETTINGS).action((file: string | undefined, options: ExportOptions) =>
    run(() => {
      const { format = 'csv', forSpreadsheet = false } = options;
      if (forSpreadsheet && format !== 'csv')
        throw wrongUse(`--for-spreadsheet is for CSV; a file of the format ${format} needs it not`);
      const loaded = configOfDomain(options, terminal);
      refuseStoreAsTarget(file, loaded.installation);
      return untilStopped((signal) =>
        withStore(openOwnStore(loaded), ({ archive }) =>
          withActRecord(loaded, async (record) => {
            const { exportLeads } = await import('./export.ts');
            const exitCode = await exportLeads(file, options.force === true, {
              archive,
              terminal,
              format,
              forSpreadsheet,
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
