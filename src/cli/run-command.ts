import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { Command, CommanderError } from 'commander';

import { messageOf } from '../core/problem.ts';
import type { CommandHost } from './settings-flags.ts';
import { EXIT, type ExitCode, explain } from '../process/exit-code.ts';
import { createTerminal, printable, printableLines, type Terminal } from '../process/terminal.ts';

/**
 * The command `callercard`.
 *
 * @param args without the program's own name
 * @returns the exit code (src/process/exit-code.ts)
 */
export async function runCommand(
  args: readonly string[],
  stdin: Terminal['stdin'],
  stdout: Terminal['stdout'],
  stderr: Terminal['stderr'],
): Promise<ExitCode> {
  const terminal = createTerminal(stdin, stdout, stderr);
  if (args.length === 0) {
    terminal.err(FIRST_STEPS);
    return EXIT.usage;
  }
  let exitCode = EXIT.ok as ExitCode;
  const program = createProgram(terminal);
  const host: CommandHost = {
    terminal,
    run: async (work) => {
      exitCode = await work();
    },
  };
  try {
    for (const add of await Promise.all(filesFor(args).map((load) => load()))) add(program, host);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return explain(error, terminal);
    exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  // A stream tells its errors a moment later.
  await setImmediate();
  if (terminal.failure === undefined || exitCode === EXIT.failed) return exitCode;
  terminal.err(`callercard: not all output was written (${printable(messageOf(terminal.failure))})`);
  return EXIT.failed;
}

type AddCommands = (program: Command, host: CommandHost) => void;

/** The files of the commands, in the order of the help, each with the commands that it adds. */
export const COMMAND_FILES: readonly {
  readonly names: readonly string[];
  readonly load: () => Promise<AddCommands>;
}[] = [
  { names: ['demo'], load: async () => (await import('./demo.ts')).addDemo },
  { names: ['serve'], load: async () => (await import('./serve.ts')).addServe },
  {
    names: ['import', 'imports', 'export'],
    load: async () => (await import('./file-commands.ts')).addFileCommands,
  },
  { names: ['user'], load: async () => (await import('./user.ts')).addUser },
  { names: ['token'], load: async () => (await import('./token.ts')).addToken },
  { names: ['lookup'], load: async () => (await import('./lookup.ts')).addLookup },
  { names: ['lead'], load: async () => (await import('./lead.ts')).addLead },
  { names: ['list'], load: async () => (await import('./list.ts')).addLists },
  { names: ['person'], load: async () => (await import('./person.ts')).addPerson },
  { names: ['retention'], load: async () => (await import('./retention.ts')).addRetention },
  { names: ['backup'], load: async () => (await import('./backup.ts')).addBackup },
  { names: ['copy'], load: async () => (await import('./copy.ts')).addCopy },
  { names: ['restore'], load: async () => (await import('./restore.ts')).addRestore },
  { names: ['audit'], load: async () => (await import('./audit-verify.ts')).addAudit },
  { names: ['check'], load: async () => (await import('./check.ts')).addCheck },
  { names: ['settings'], load: async () => (await import('./settings.ts')).addSettings },
  { names: ['completion'], load: async () => (await import('./completion.ts')).addCompletion },
];

/** Only the file of the command that is meant, because each takes time to load; all where help, an error or a shell names them. */
function filesFor([first = '']: readonly string[]): readonly (() => Promise<AddCommands>)[] {
  if (first === '--version' || first === '-V') return [];
  const meant = COMMAND_FILES.filter(({ names }) => first !== 'completion' && names.includes(first));
  return (meant.length > 0 ? meant : COMMAND_FILES).map(({ load }) => load);
}

function createProgram(terminal: Terminal): Command {
  return new Command('callercard')
    .description('Who is calling? Answers the documented Get Customer Information API from your own leads.')
    .version(productVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(printableLines(text)),
      writeErr: (text) => void terminal.stderr.write(printableLines(text)),
      outputError: (text, write) =>
        write(`${oneLine(text)}; see "callercard --help" and "callercard COMMAND --help"\n`),
    })
    .addHelpText('after', EXIT_CODES_HELP);
}

/** Of the package that this file belongs to (`src/cli` in a checkout, `dist/cli` when published). */
function productVersion(): string {
  const path = join(import.meta.dirname, '..', '..', 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

/** Commander's message for wrong use, which may have two lines, as one. */
function oneLine(text: string): string {
  const [first = '', hint = ''] = text
    .trim()
    .replace(/^error: /, 'callercard: ')
    .split('\n');
  return first.replace(/\.$/, '') + hint.replace(/^\(Did you mean (.+)\?\)$/, '; did you mean $1?');
}

/** What somebody sees who types only the name. */
const FIRST_STEPS = `callercard: name a command. The first steps:
  callercard demo                               an example, with invented customers
  callercard import customers.csv --list 1001   your customers, from a file
  callercard user add NAME                      somebody who may sign in
  callercard serve                              the server
  callercard check                              what is there, and what to do about it
All commands: callercard --help; one of them: callercard COMMAND --help`;

const EXIT_CODES_HELP = `
Exit codes:
  ${EXIT.ok}    done; also a server that a signal stopped
  ${EXIT.failed}    failed; standard error says why
  ${EXIT.usage}    wrong use or wrong settings; nothing was done
  ${EXIT.attention}    done, but check the result: rows were rejected (unless --accept-rejects), check or audit verify found a problem, lookup found no lead
  ${EXIT.interrupted}  an import or export stopped by Ctrl-C`;
