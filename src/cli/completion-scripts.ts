export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A command that a shell completes. */
export interface CompletedCommand {
  /** Its names from the outermost on, such as `user add`; empty: `callercard` itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly flags: readonly {
    readonly name: string;
    readonly about: string;
    readonly choices: readonly string[];
    readonly hasValue: boolean;
  }[];
  /** What its arguments may be. */
  readonly words: readonly string[];
}

/**
 * The text that each shell reads. A script finds out which command the words before the cursor name, and offers what belongs
 * there: commands and flags, or the values of the flag before the cursor; else files.
 */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, (commands: readonly CompletedCommand[]) => string>> =
  {
    bash: bashScript,
    zsh: zshScript,
    fish: fishScript,
  };

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A pattern of `case` that is any path below `callercard`. */
function anyPath(commands: readonly CompletedCommand[]): string {
  return commands
    .filter(({ path }) => path !== '')
    .map(({ path }) => quote(path.includes(' ') ? path : ` ${path}`))
    .join('|');
}

function bashScript(commands: readonly CompletedCommand[]): string {
  const words = commands.map(({ path, commands: below, flags, words: own }) => {
    const names = [...below.map(({ name }) => name), ...own, ...flags.map(({ name }) => name)];
    return `    ${quote(path)}) words=${quote(names.join(' '))} ;;`;
  });
  const values = commands.flatMap(({ path, flags }) =>
    flags
      .filter(({ choices }) => choices.length > 0)
      .map(({ name, choices }) => `    ${quote(`${path} ${name}`)}) words=${quote(choices.join(' '))} ;;`),
  );
  return `# callercard completion bash
_callercard() {
  local path='' words='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
      ${anyPath(commands)}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${words.join('\n')}
  esac
  case "$path \${COMP_WORDS[COMP_CWORD-1]}" in
${values.join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _callercard callercard`;
}

function zshScript(commands: readonly CompletedCommand[]): string {
  const entry = (name: string, about: string) => quote(`${name}:${about}`);
  const words = commands.map(({ path, commands: below, flags, words: own }) => {
    const entries = [...below, ...own.map((name) => ({ name, about: '' })), ...flags];
    return `    ${quote(path)}) found=(${entries.map(({ name, about }) => entry(name, about)).join(' ')}) ;;`;
  });
  const values = commands.flatMap(({ path, flags }) =>
    flags
      .filter(({ choices }) => choices.length > 0)
      .map(
        ({ name, choices }) => `    ${quote(`${path} ${name}`)}) found=(${choices.map(quote).join(' ')}) ;;`,
      ),
  );
  return `#compdef callercard
_callercard() {
  local at='' word
  local -a found
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      ${anyPath(commands)}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at" in
${words.join('\n')}
  esac
  case "$at \${words[CURRENT-1]}" in
${values.join('\n')}
  esac
  _describe callercard found
  _files
}
compdef _callercard callercard`;
}

function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ path, commands: below, flags, words }) => {
    const where = `complete -c callercard -n "string match -q -- '${path}' (__callercard_path)"`;
    return [
      ...below.map(({ name, about }) => `${where} -f -a ${name} -d ${fishQuote(about)}`),
      ...words.map((word) => `${where} -f -a ${word}`),
      ...flags.map(({ name, about, choices, hasValue }) => {
        const value = hasValue ? ' -r' : '';
        const values = choices.length > 0 ? ` -f -a ${fishQuote(choices.join(' '))}` : '';
        return `${where} -l ${name.slice(2)}${value}${values} -d ${fishQuote(about)}`;
      }),
    ];
  });
  return `# callercard completion fish
function __callercard_path
  set -l at ''
  for word in (commandline -opc)[2..-1]
    switch "$at $word"
      case ${anyPath(commands).replaceAll('|', ' ')}
        set at (string trim -- "$at $word")
    end
  end
  echo $at
end
${lines.join('\n')}`;
}

function fishQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
