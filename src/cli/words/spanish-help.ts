import { Help, type Command } from 'commander';

import { flagName, SETTING_NAMES } from '../../config/settings.ts';
import { COMMAND_HELP, COMMON_OPTIONS } from './help-es.ts';
import { SETTINGS_IN_SPANISH } from './settings-es.ts';

const TITLES: Readonly<Record<string, string>> = {
  'Usage:': 'Uso:',
  'Arguments:': 'Argumentos:',
  'Options:': 'Opciones:',
  'Commands:': 'Comandos:',
};

const SETTING_OPTIONS: Readonly<Record<string, string>> = Object.fromEntries(
  SETTING_NAMES.map((name) => [flagName(name), SETTINGS_IN_SPANISH[name]]),
);

/** Commander's own words of help in Spanish. To be called before commands are added, which take them over. */
export function speakSpanish(program: Command): void {
  const plain = new Help();
  for (const option of program.options)
    if (option.long === '--version') option.description = 'mostrar la versión';
  program
    .helpOption('-h, --help', 'mostrar la ayuda del comando')
    .helpCommand('help [comando]', 'mostrar la ayuda del comando')
    .configureHelp({
      styleTitle: (title) => TITLES[title] ?? title,
      commandUsage: (command) =>
        plain.commandUsage(command).replace('[options]', '[opciones]').replace('[command]', '[comando]'),
      subcommandTerm: (command) => plain.subcommandTerm(command).replace('[options]', '[opciones]'),
      optionDescription: (option) => inSpanish(plain.optionDescription(option)),
      argumentDescription: (argument) => inSpanish(plain.argumentDescription(argument)),
    });
}

/** The choices and the default that commander adds. */
function inSpanish(description: string): string {
  return description
    .replace(
      /\((?=choices: )(.*)\)$/,
      (_all, inner: string) =>
        `(${inner.replace('choices: ', 'valores: ').replace('default: ', 'si no se indica: ')})`,
    )
    .replace(/\(default: (.*)\)$/, '(si no se indica: $1)');
}

/** Gives all commands that were added their descriptions in Spanish. */
export function describeInSpanish(command: Command, path: readonly string[] = []): void {
  const help = COMMAND_HELP[path.join(' ')];
  if (help !== undefined) command.description(help.about);
  for (const option of command.options) {
    const flag = option.long ?? '';
    option.description =
      help?.options?.[flag] ?? SETTING_OPTIONS[flag] ?? COMMON_OPTIONS[flag] ?? option.description;
  }
  for (const argument of command.registeredArguments)
    argument.description = help?.arguments?.[argument.name()] ?? argument.description;
  for (const one of command.commands) describeInSpanish(one, [...path, one.name()]);
}
