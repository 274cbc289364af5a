import { Argument, type Command, type Option } from 'commander';

import { EXIT } from '../process/exit-code.ts';
import { COMPLETION_SCRIPTS, type CompletedCommand, SHELLS, type Shell } from './completion-scripts.ts';
import type { CommandHost } from './settings-flags.ts';

/** `completion`: what a shell reads so that it completes commands and flags. All commands must have been added. */
export function addCompletion(program: Command, { terminal, run }: CommandHost): void {
  program
    .command('completion')
    .description('Prints what completes commands and flags in a shell.')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((shell: Shell) =>
      run(() => {
        terminal.out(COMPLETION_SCRIPTS[shell](commandsOf(program, '')));
        return EXIT.ok;
      }),
    );
}

/** A command and those below it, in the order of the help. */
function commandsOf(command: Command, path: string): readonly CompletedCommand[] {
  const help = command.createHelp();
  const below = help.visibleCommands(command);
  const own = {
    path,
    commands: below.map((each) => ({ name: each.name(), about: summaryOf(each.description()) })),
    flags: help.visibleOptions(command).map(flagOf),
    words: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  };
  // What commander adds by itself has nothing below it.
  const ours = below.filter((each) => command.commands.includes(each));
  return [own, ...ours.flatMap((each) => commandsOf(each, `${path} ${each.name()}`.trim()))];
}

function flagOf({ long, description, argChoices = [], required, optional }: Option) {
  return {
    name: long ?? '',
    about: summaryOf(description),
    choices: argChoices,
    hasValue: required || optional,
  };
}

/** The first sentence, in one line. */
function summaryOf(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/(?<=\w)\. .*$/, '')
    .replace(/\.$/, '');
}
