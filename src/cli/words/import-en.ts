import type { ImportCommandWords } from './import-words.ts';

export const ENGLISH: ImportCommandWords = {
  stoppedUnchanged: 'stopped; nothing was changed',
  noRows: 'there is no row below the header',
  stoppedAfter: (line, otherRejects) =>
    `stopped after line ${line}; run the same command again${otherRejects ? ' with another file for --rejects' : ''} to finish`,
  counts({ added, updated, changes, unchanged, rejected, rejectsFile, removed, removals, seconds }) {
    const see = rejectsFile === null ? '' : ` (see ${rejectsFile})`;
    const gone = removed === undefined ? '' : `, removed ${removed}${removals}`;
    return `added ${added}, updated ${updated}${changes}, unchanged ${unchanged}, rejected ${rejected}${see}${gone}, ${seconds.toFixed(1)} s`;
  },
  listCount: (listId, count) => `list ${listId}: ${count}`,
  allWithJson: '… (all with --json)',
  trial: 'this was a trial on a copy: nothing was changed',
  firstRejected: (line, reason) => `first rejected: line ${line}: ${reason}`,
  undoWith: (importId) => `to take it back: callercard import --undo ${importId}`,
  warningAt: (line, text) => `line ${line}: ${text}`,
  warnings: (count, shown, isCut) => `warnings ${count}: ${shown}${isCut ? ' … (all with --json)' : ''}`,
  notImported: (files) => `not imported: ${files}`,
  olderRejectsGone: (path) => `nothing was rejected, and so the older ${path} was removed`,
  undone({ importId, fileName, restored, removed, kept }) {
    const rest =
      kept === 0
        ? ''
        : `; ${kept} stay as they are, because a later import changed them or brought the person back`;
    return `import ${importId} (${fileName}) was taken back: ${restored} leads are as they were, ${removed} that it had added are gone${rest}`;
  },
  noImports: 'nothing was imported yet',
  columns: [
    ...['id', 'begun (UTC)', 'file', 'by', 'state'],
    ...['added', 'updated', 'unchanged', 'rejected', 'removed', 'undo'],
  ],
  states: { running: 'running', done: 'done', stopped: 'stopped', undoing: 'undoing', undone: 'undone' },
  yes: 'yes',
  no: 'no',
  left: '{eta_formatted} left',
  rows: 'rows',
  indexing: 'indexing for search; Ctrl-C leaves the rest to the server',
  indexed: (leads, seconds) => `${leads} leads indexed for search in ${seconds} s`,
  notIndexed: (why) => `not all leads are found by name yet (${why}); a server goes on with it`,
};
