import { type Command, Option } from 'commander';

import { isOwnStore } from '../stores/store-config.ts';
import { COUNTED_MATCHES } from '../core/lead.ts';
import type { PersonTrace } from '../core/person-store.ts';
import { maskPhone, type PhoneNumber } from '../core/phone.ts';
import { EXIT, type ExitCode } from '../process/exit-code.ts';
import { printable, type Terminal, writeTable } from '../process/terminal.ts';
import { checkFlags, numberOf, type PersonFlags } from './choose-person.ts';
import { checkCanAsk } from './confirm.ts';
import { isStoreThere, openCommandStore, openOwnStore, withStore } from './command-store.ts';
import { languageOfEnvironment } from '../config/language.ts';
import { readLeadId } from './lead.ts';
import { recorded } from './operator-audit.ts';
import type { PersonLanguage } from '../files/person-page.ts';
import {
  ACCOUNT_SETTINGS,
  addDomainFlags,
  type ChosenDomain,
  type CommandHost,
  configOf,
  configOfDomain,
  domainsNamed,
} from './settings-flags.ts';

/** `person find`, `export` and `erase`: what is kept of a person, and its end. */
export function addPerson(program: Command, host: CommandHost): void {
  const person = program
    .command('person')
    .description('What is kept of a person, for whoever asks for it or wants to be forgotten.');
  addFind(person, host);
  addExport(person, host);
  addErase(person, host);
}

interface FindOptions {
  readonly phone?: string;
  readonly domain?: string;
  readonly json?: boolean;
}

function addFind(person: Command, { terminal, run }: CommandHost): void {
  const command = person
    .command('find')
    .description(
      'Finds the leads that have a number or had it before, deleted ones too, and notes that have it in them; in every domain, or in one.',
    )
    .requiredOption('--phone <number>', 'the telephone number, in any spelling')
    .option('--json', 'as JSON');
  addDomainFlags(command, [...ACCOUNT_SETTINGS, 'address3IsPhone']).action((options: FindOptions) =>
    run(() => findPerson(options, terminal)),
  );
}

/** A trace, and the domain in which it is; not there where there are no domains. */
interface FoundTrace extends PersonTrace {
  readonly domain?: string;
}

async function findPerson(options: FindOptions, terminal: Terminal): Promise<ExitCode> {
  const loaded = configOf(options, terminal);
  const named = domainsNamed(loaded, options);
  const domains = named.length === 0 ? [loaded] : named;
  const found: FoundTrace[] = [];
  const withCalls: string[] = [];
  for (const one of domains) {
    const domain: ChosenDomain = { ...one, installation: loaded.config };
    if (domains.length > 1 && isOwnStore(domain.config) && !(await isStoreThere(domain.config))) continue;
    const { traces, calls } = await findInDomain(domain, options.phone ?? '');
    const { name } = domain;
    if (calls > 0) withCalls.push(describeCalls(calls, name));
    found.push(...traces.map((trace) => (name === undefined ? trace : { domain: name, ...trace })));
  }
  if (options.json === true) terminal.json(found.map(shownTrace), 2);
  else if (found.length > 0) terminal.out(tableOf(found, named.length > 0));
  for (const sentence of withCalls) terminal.err(printable(sentence));
  if (found.length + withCalls.length > 0) return EXIT.ok;
  terminal.err('nobody has or had this number');
  return EXIT.attention;
}

function describeCalls(calls: number, domain: string | undefined): string {
  const where = domain === undefined ? '' : `${domain}: `;
  const are = calls === 1 ? '1 call with this number is' : `${calls} calls with this number are`;
  return `${where}${are} of no lead; "person export" and "person erase" take them by --phone where nobody has the number`;
}

function shownTrace({ domain, leadId, listId, name, isRemoved, matches }: FoundTrace) {
  return { ...(domain === undefined ? {} : { domain }), leadId, listId, name, isRemoved, matches };
}

function tableOf(found: readonly FoundTrace[], hasDomains: boolean): string {
  const rows = found.map(({ domain = '', leadId, listId, name, isRemoved, matches }) => [
    ...(hasDomains ? [domain] : []),
    String(leadId),
    String(listId),
    name === '' ? '-' : name,
    matches.join(','),
    isRemoved ? 'yes' : 'no',
  ]);
  return writeTable([...(hasDomains ? ['domain'] : []), 'lead', 'list', 'name', 'found as', 'deleted'], rows);
}

interface FoundInDomain {
  readonly traces: readonly PersonTrace[];
  /** How many calls with the number are of no lead. */
  readonly calls: number;
}

/** The act is recorded once it is known whom it concerns, and before anything is shown. */
async function findInDomain(domain: ChosenDomain, text: string): Promise<FoundInDomain> {
  const show = (number: PhoneNumber, traces: readonly PersonTrace[], calls: number) => {
    const leadIds = traces.map(({ leadId }) => leadId);
    return recorded(domain, { action: 'person_find', subject: maskPhone(number.digits), leadIds }, () => ({
      traces,
      calls,
    }));
  };
  if (isOwnStore(domain.config))
    return withStore(openOwnStore(domain), async ({ persons, leads }) => {
      const number = numberOf(text, leads.country);
      return show(number, await persons.find(number), await persons.countCalls(number));
    });
  return withStore(openCommandStore(domain), async ({ leads }) => {
    const number = numberOf(text, leads.country);
    const { matches } = await leads.findAll(number, 'every list', { offset: 0, limit: COUNTED_MATCHES });
    const traces = matches.map(({ leadId, lead, foundBy }): PersonTrace => {
      const name = [lead.first_name, lead.middle_initial, lead.last_name].filter((part) => part).join(' ');
      const as = foundBy === undefined ? [] : [foundBy.column];
      return { leadId, listId: lead.list_id, name, comparedName: name, isRemoved: false, matches: as };
    });
    return show(number, traces, 0);
  });
}

const PERSON_LANGUAGES = ['en', 'es'] as const satisfies readonly PersonLanguage[];

/** How `export` and `erase` say whom they mean. */
function addPersonFlags(command: Command): Command {
  return command
    .option('--lead <ids...>', 'the lead ids of the person', readLeadIds)
    .option('--phone <number>', 'the telephone number, where only one person has or had it');
}

function readLeadIds(text: string, earlier: readonly number[] = []): readonly number[] {
  return [...earlier, readLeadId(text)];
}

interface ExportOptions extends PersonFlags {
  readonly out?: string;
  readonly language?: PersonLanguage;
}

function addExport(person: Command, { terminal, run }: CommandHost): void {
  const command = addPersonFlags(person.command('export'))
    .description(
      'Writes all that is kept of a person into two files: FILE.json for programs, FILE.html to read and print.',
    )
    .option(
      '--out <file>',
      'their name (default: person-LEAD in this folder); - writes the JSON to standard output',
    );
  command.addOption(
    new Option('--language <code>', 'of FILE.html (default: that of the environment, else en)').choices(
      PERSON_LANGUAGES,
    ),
  );
  addDomainFlags(command, ACCOUNT_SETTINGS).action((options: ExportOptions) =>
    run(async () => {
      checkFlags(options);
      const { exportPerson } = await import('./person-export.ts');
      const language = options.language ?? (languageOfEnvironment() === 'es' ? 'es' : 'en');
      return exportPerson(configOfDomain(options, terminal), { ...options, language }, terminal);
    }),
  );
}

interface EraseOptions extends PersonFlags {
  readonly yes?: boolean;
  readonly json?: boolean;
}

function addErase(person: Command, { terminal, run }: CommandHost): void {
  const command = addPersonFlags(person.command('erase'))
    .description(
      'Erases a person: the leads with their numbers, notes, changes and external ids, also from unused parts of the files and from copies; then prints a receipt. It cannot be undone.',
    )
    .option('--yes', 'do not ask')
    .option('--json', 'the receipt as JSON');
  addDomainFlags(command, [...ACCOUNT_SETTINGS, 'erasedDays', 'redis']).action((options: EraseOptions) =>
    run(async () => {
      checkFlags(options);
      checkCanAsk(terminal, options.yes === true);
      const { erasePerson } = await import('./person-erase.ts');
      return erasePerson(configOfDomain(options, terminal), options, terminal);
    }),
  );
}
