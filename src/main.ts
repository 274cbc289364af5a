import { runCommand } from './cli/run-command.ts';

process.exitCode = await runCommand(process.argv.slice(2), process.stdin, process.stdout, process.stderr);

// Words for people on standard error that nobody reads must not keep a process that has ended; results may.
setInterval(() => {
  if (process.stdout.writableLength === 0) process.exit();
}, 1_000).unref();
