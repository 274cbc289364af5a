import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { Command, CommanderError } from 'commander';

import { messageOf } from '../core/problem.ts';
import { addAudit } from './audit-verify.ts';
import { addCheck } from './check.ts';
import type { CommandHost } from './settings-flags.ts';
import { addDemo } from './demo.ts';
import { EXIT, type ExitCode, explain } from '../process/exit-code.ts';
import { addFileCommands } from './file-commands.ts';
import { addLead } from './lead.ts';
import { addLookup } from './lookup.ts';
import { addPerson } from './person.ts';
import { addRetention } from './retention.ts';
import { addServe } from './serve.ts';
import { addSettings } from './settings.ts';
import { createTerminal, printable, printableLines, type Terminal } from '../process/terminal.ts';
import { addToken } from './token.ts';
import { addTop } from './top.ts';
import { addUser } from './user.ts';

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
  let exitCode = EXIT.ok as ExitCode;
  const program = createProgram({
    terminal,
    run: async (work) => {
      exitCode = await work();
    },
  });
  try {
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

function createProgram(host: CommandHost): Command {
  const { terminal } = host;
  const program = new Command('callercard')
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
  for (const add of [
    addDemo,
    addServe,
    addFileCommands,
    addUser,
    addToken,
    addLookup,
    addLead,
    addPerson,
    addRetention,
    addAudit,
    addCheck,
    addTop,
    addSettings,
  ])
    add(program, host);
  return program;
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

const EXIT_CODES_HELP = `
Exit codes:
  ${EXIT.ok}    done; also a server that a signal stopped
  ${EXIT.failed}    failed; standard error says why
  ${EXIT.usage}    wrong use or wrong settings; nothing was done
  ${EXIT.attention}    done, but check the result: rows were rejected, check or audit verify found a problem, lookup found no lead
  ${EXIT.interrupted}  an import or export stopped by Ctrl-C`;
