/**
 * `npm run docs`: writes what the documentation takes from the code. test/repo/documentation.test.ts refuses
 * documentation that differs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PassThrough, Readable } from 'node:stream';

import { runCommand } from '../src/cli/run-command.ts';
import { isPerDomain } from '../src/config/domains.ts';
import { COMMON_OUTCOMES } from '../src/endpoints/v1/non-agent-operations.ts';
import type { DescribedAction } from '../src/endpoints/v1/operation.ts';
import { OPERATIONS } from '../src/endpoints/v1/operations.ts';
import { environmentName, flagName, type Setting, SETTING_NAMES, SETTINGS } from '../src/config/settings.ts';
import { withNamedTests } from './security-tables.ts';
import { METRIC_NAMES, METRICS } from '../src/observe/catalog.ts';

const root = resolve(import.meta.dirname, '..');

const SETTINGS_BEGIN = '<!-- settings:begin -->';
const SETTINGS_END = '<!-- settings:end -->';
const METRICS_BEGIN = '<!-- metrics:begin -->';
const METRICS_END = '<!-- metrics:end -->';
const RIGHTS_BEGIN = '<!-- rights:begin -->';
const RIGHTS_END = '<!-- rights:end -->';
const ACTIONS_BEGIN = '<!-- actions:begin -->';
const ACTIONS_END = '<!-- actions:end -->';

/** Every file that is written here, by its path from the root, as it must be. */
export async function writtenDocs(): Promise<ReadonlyMap<string, string>> {
  const settings = readFileSync(join(root, 'docs', 'settings.md'), 'utf8');
  const metrics = readFileSync(join(root, 'docs', 'metrics.md'), 'utf8');
  const api = readFileSync(join(root, 'docs', 'api.md'), 'utf8');
  const goapi = readFileSync(join(root, 'docs', 'goapi-compatibility.md'), 'utf8');
  return new Map([
    ['docs/settings.md', putBetween(settings, SETTINGS_BEGIN, SETTINGS_END, settingsMarkdown())],
    ['docs/metrics.md', putBetween(metrics, METRICS_BEGIN, METRICS_END, metricsMarkdown())],
    ['docs/api.md', putBetween(api, RIGHTS_BEGIN, RIGHTS_END, rightsMarkdown())],
    ['docs/goapi-compatibility.md', putBetween(goapi, ACTIONS_BEGIN, ACTIONS_END, actionsMarkdown())],
    ['docs/commands.md', await commandsMarkdown()],
    ['docs/security.md', withNamedTests(readFileSync(join(root, 'docs', 'security.md'), 'utf8'))],
  ]);
}

function putBetween(text: string, begin: string, end: string, content: string): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the markers ${begin} and ${end} are missing`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

/** The table of docs/settings.md. */
function settingsMarkdown(): string {
  const rows = SETTING_NAMES.map((name) => {
    const { byDefault, form, help, alsoEnvironment }: Setting<unknown> = SETTINGS[name];
    const variables = [environmentName(name), ...(alsoEnvironment ?? [])]
      .map((text) => `\`${text}\``)
      .join(', ');
    const value = byDefault === '' ? 'none' : `\`${byDefault}\``;
    const domain = isPerDomain(name) ? 'yes' : '';
    return `| \`${name}\` | \`${flagName(name)}\` | ${variables} | ${form} | ${value} | ${domain} | ${help} |`;
  });
  return [
    '| config file | flag | environment | form | default | per domain | what it does |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** The table of docs/metrics.md. */
function metricsMarkdown(): string {
  const rows = METRIC_NAMES.map((name) => {
    const { type, labels, help } = METRICS[name];
    return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;
  });
  return ['| metric | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** The table of docs/api.md. */
function rightsMarkdown(): string {
  const rows = OPERATIONS.flatMap(({ method, path, right, actions = [] }) =>
    right === undefined
      ? actions.map((action) => `| \`${path}\` \`${action.names[0]}\` | \`${action.right}\` |`)
      : [`| \`${method.toUpperCase()} ${path}\` | \`${right}\` |`],
  );
  // An action has one row for GET and POST.
  return ['| operation | right |', '| --- | --- |', ...new Set(rows)].join('\n');
}

/** The sections of docs/goapi-compatibility.md about the actions beside the lookup. */
function actionsMarkdown(): string {
  const actions = new Set(OPERATIONS.flatMap((operation) => operation.actions ?? []));
  const others = [...actions].filter(({ names: [name] }) => name !== 'goGetCustomerInfo');
  const common = outcomeTable('answer of every function', COMMON_OUTCOMES);
  return [...others.map(actionMarkdown), `### What all functions in plain text answer\n\n${common}`].join(
    '\n\n',
  );
}

function actionMarkdown(action: DescribedAction): string {
  const { names, summary, right, isPostOnly, parameters, outcomes } = action;
  const paths = OPERATIONS.filter((operation) => operation.actions?.includes(action)).map(({ path }) => path);
  const methods = isPostOnly === true ? 'POST' : 'GET or POST';
  const rows = Object.entries(parameters).map(
    ([name, schema]) => `| \`${name}\` | ${cell((schema as { description?: string }).description ?? '')} |`,
  );
  return [
    `### ${names.join(', ')}`,
    `${summary}: ${methods} ${[...new Set(paths)].map((path) => `\`${path}\``).join(' or ')}, with the right \`${right}\`.`,
    ['| parameter | what |', '| --- | --- |', ...rows].join('\n'),
    outcomeTable('answer', outcomes),
  ].join('\n\n');
}

function outcomeTable(title: string, outcomes: DescribedAction['outcomes']): string {
  const rows = outcomes.map(([answer, meaning]) => `| \`${cell(answer)}\` | ${cell(meaning)} |`);
  return [`| ${title} | when |`, '| --- | --- |', ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

const COMMANDS_HEAD = `# Commands

What \`callercard --help\` and \`callercard COMMAND --help\` print; written by \`npm run docs\`. In a checkout the
command is \`./bin/callercard\`. The settings behind the flags: [settings.md](settings.md).

The help is in Spanish where \`LC_ALL\`, \`LC_MESSAGES\` or \`LANG\` (the first that is set) is \`es\`, such as \`es_MX.UTF-8\`, and so is what
\`import\`, \`imports\`, \`user\`, \`token\` and \`list\` print. \`--json\`, exit codes and the lines of \`serve\` are the same in every language.
`;

async function commandsMarkdown(): Promise<string> {
  const sections: string[] = [];
  for (const { words, help } of await helpOf([])) {
    const name = ['callercard', ...words].join(' ');
    sections.push(`## ${name}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`);
  }
  return [COMMANDS_HEAD, ...sections].join('\n');
}

interface Help {
  readonly words: readonly string[];
  readonly help: string;
}

/** The help of a command and of those below it, as its own list names them. */
async function helpOf(words: readonly string[]): Promise<readonly Help[]> {
  // On a terminal the help would be as wide as that; documentation is as wide as a pipe's, and in English.
  process.stdout.columns = 80;
  process.env.LC_ALL = 'C';
  const stdout = new PassThrough().setEncoding('utf8');
  await runCommand([...words, '--help'], Readable.from([]), stdout, new PassThrough());
  const help = String(stdout.read());
  const list = /^Commands:\n([^]*?)(?:\n\n|$(?![^]))/m.exec(help)?.[1] ?? '';
  const below = [...list.matchAll(/^ {2}([a-z][\w-]*)/gm)]
    .map(([, name]) => name ?? '')
    .filter((name) => name !== 'help');
  const helps: Help[] = [{ words, help }];
  for (const name of below) helps.push(...(await helpOf([...words, name])));
  return helps;
}

if (import.meta.main) {
  for (const [path, text] of await writtenDocs()) writeFileSync(join(root, path), text);
}
