/**
 * Loaded into the process of each test file by scripts/test.ts. The runner waits for such a process without end: one that hangs,
 * or leaves something open after its tests, fails here and says what kept it.
 */
const FILE_MS = 420_000;

setTimeout(() => {
  const kept = process.getActiveResourcesInfo().join(', ');
  process.stderr.write(`${process.argv[1] ?? ''} has not ended after ${FILE_MS / 1000} s; open: ${kept}\n`);
  process.exit(1);
}, FILE_MS).unref();
