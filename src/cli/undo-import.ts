import type { ImportSummary, LeadArchive, UndoResult } from '../core/lead-archive.ts';
import { CommandFailure, EXIT, type ExitCode, wrongUse } from '../process/exit-code.ts';
import { printable, type Terminal, writeTable } from '../process/terminal.ts';
import { withClaim } from './finish-import.ts';
import type { ImportContext } from './import-options.ts';
import { inPieces } from './in-pieces.ts';
import { indexForSearch } from './index-search.ts';
import type { ActRecord } from './operator-audit.ts';
import { importWords } from './words/import.ts';

interface UndoHost extends Partial<Pick<ImportContext, 'waitsForTurn' | 'signal'>> {
  readonly terminal: Terminal;
  readonly asJson: boolean;
  readonly record: ActRecord;
}

/**
 * Takes an import back.
 *
 * @throws {CommandFailure} there is no such import, or it can no longer be taken back
 */
export function undoImport(
  archive: LeadArchive,
  importId: number,
  { terminal, asJson, record, ...waiting }: UndoHost,
): Promise<ExitCode> {
  return withClaim(archive, { terminal, ...waiting }, async () => {
    const summary = (await archive.imports()).find((one) => one.importId === importId);
    if (summary === undefined)
      throw wrongUse(`there is no import ${importId}; "callercard imports" lists them`);
    if (!summary.canBeUndone) throw new CommandFailure(whyNot(summary));
    await record.begin({ action: 'import_undo', subject: summary.fileName });
    const nothing: UndoResult = { restored: 0, removed: 0, kept: 0 };
    const { restored, removed, kept } = (await inPieces(archive.undoImport(importId))) ?? nothing;
    record.counts = { restored, removed, kept };
    if (asJson) terminal.json({ importId, restored, removed, kept });
    const { fileName } = summary;
    terminal.err(printable(importWords().undone({ importId, fileName, restored, removed, kept })));
    await indexForSearch(archive, terminal);
    return kept === 0 ? EXIT.ok : EXIT.attention;
  });
}

function whyNot({ importId, state }: ImportSummary): string {
  return state === 'undone'
    ? `import ${importId} has been taken back already`
    : `import ${importId} can no longer be taken back: what it changed is kept for the last ten imports only`;
}

export async function listImports(
  archive: LeadArchive,
  terminal: Terminal,
  asJson: boolean,
): Promise<ExitCode> {
  const words = importWords();
  const imports = await archive.imports();
  if (asJson) {
    terminal.json(imports);
    return EXIT.ok;
  }
  if (imports.length === 0) {
    terminal.err(words.noImports);
    return EXIT.ok;
  }
  const rows = imports.map(({ importId, startedAt, fileName, importedBy, state, counts, canBeUndone }) => [
    String(importId),
    startedAt,
    printable(fileName),
    printable(importedBy ?? ''),
    words.states[state],
    ...[counts.added, counts.updated, counts.unchanged, counts.rejected, counts.removed].map(String),
    canBeUndone ? words.yes : words.no,
  ]);
  terminal.out(writeTable(words.columns, rows));
  return EXIT.ok;
}
