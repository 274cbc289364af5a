import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { Command, CommanderError } from 'commander';

import { messageOf } from '../core/problem.ts';
import type { CommandHost } from './settings-flags.ts';
import { EXIT, type ExitCode, explain } from '../process/exit-code.ts';
import { createTerminal, printable, printableLines, type Terminal } from '../process/terminal.ts';
import { inLanguage, useLanguageOfEnvironment } from './words/language.ts';
import { ENGLISH } from './words/program-en.ts';
import { SPANISH } from './words/program-es.ts';
import type { ProgramWords } from './words/program-words.ts';

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
  const language = useLanguageOfEnvironment();
  const words = inLanguage(PROGRAM_WORDS);
  if (args.length === 0) {
    terminal.err(words.firstSteps);
    return EXIT.usage;
  }
  let exitCode = EXIT.ok as ExitCode;
  const spanish = language === 'es' ? await import('./words/spanish-help.ts') : undefined;
  const program = createProgram(terminal, words);
  spanish?.speakSpanish(program);
  const host: CommandHost = {
    terminal,
    run: async (work) => {
      exitCode = await work();
    },
  };
  try {
    for (const add of await Promise.all(filesFor(args).map((load) => load()))) add(program, host);
    spanish?.describeInSpanish(program);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return explain(error, terminal);
    exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  // A stream tells its errors a moment later.
  await setImmediate();
  if (terminal.failure === undefined || exitCode === EXIT.failed) return exitCode;
  terminal.err(`callercard: ${words.notAllWritten(printable(messageOf(terminal.failure)))}`);
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

const PROGRAM_WORDS = { en: ENGLISH, es: SPANISH };

function createProgram(terminal: Terminal, words: ProgramWords): Command {
  return new Command('callercard')
    .description('Who is calling? Answers the documented Get Customer Information API from your own leads.')
    .version(productVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(printableLines(text)),
      writeErr: (text) => void terminal.stderr.write(printableLines(text)),
      outputError: (text, write) => write(`callercard: ${oneLine(text, words)}; ${words.seeHelp}\n`),
    })
    .addHelpText('after', words.exitCodes);
}

/** Of the package that this file belongs to (`src/cli` in a checkout, `dist/cli` when published). */
function productVersion(): string {
  const path = join(import.meta.dirname, '..', '..', 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

/** Commander's message for wrong use, which may have two lines, as one. */
function oneLine(text: string, words: ProgramWords): string {
  const [first = '', hint = ''] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n');
  const [, meant] = /^\(Did you mean (.+)\?\)$/.exec(hint) ?? [];
  const message = words.wrongUse(first.replace(/\.$/, ''));
  return meant === undefined ? message + hint : `${message}; ${words.didYouMean(meant)}`;
}
