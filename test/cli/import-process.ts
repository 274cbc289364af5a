import { importLeads } from '../../src/cli/import.ts';
import { createTerminal } from '../../src/process/terminal.ts';
import { openConnection } from '../../src/stores/sqlite/connection.ts';
import { createLeadArchive } from '../../src/stores/sqlite/lead-archive.ts';

/**
 * `node import-process.ts FILE STORE`: an import that kills its own process once rows of it are committed. From outside, on a
 * busy machine, it could be over before somebody sees that it has begun.
 */
const [file = '', store = ''] = process.argv.slice(2);
const open = () => openConnection({ path: store, country: undefined, fallbackCountry: 'MX', create: true });
const connection = open();
const observer = createLeadArchive(open(), 365);
setInterval(() => {
  if (observer.countLeads() > 0) process.kill(process.pid, 'SIGKILL');
}, 1);
await importLeads(
  file,
  { map: [], custom: [], ignore: [], list: 101, onDuplicate: 'update', json: false },
  {
    openStore: () => ({ archive: createLeadArchive(connection, 365), country: connection.country }),
    terminal: createTerminal(process.stdin, process.stdout, process.stderr),
    signal: new AbortController().signal,
  },
);
