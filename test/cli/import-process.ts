import { importLeads } from '../../src/cli/import.ts';
import { createTerminal } from '../../src/process/terminal.ts';
import { openConnection } from '../../src/stores/sqlite/connection.ts';
import { createLeadArchive } from '../../src/stores/sqlite/lead-archive.ts';

/** An import in a process of its own, for tests that kill it: `node import-process.ts FILE STORE`. */
const [file = '', store = ''] = process.argv.slice(2);
const connection = openConnection({ path: store, country: undefined, fallbackCountry: 'MX', create: true });
await importLeads(
  file,
  { map: [], custom: [], ignore: [], list: '101', onDuplicate: 'update', json: false },
  {
    openStore: () => ({ archive: createLeadArchive(connection), country: connection.country }),
    terminal: createTerminal(process.stdin, process.stdout, process.stderr),
    signal: new AbortController().signal,
  },
);
