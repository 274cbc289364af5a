import type { Command } from 'commander';

import { isAuditInDatabase, operatorAuditFolderOf } from '../config/domains.ts';
import type { Config } from '../config/settings.ts';
import { shownNumbers } from '../core/lead-numbers.ts';
import type { LookupResult } from '../core/lead-store.ts';
import { LEAD_FIELDS, writeMatches } from '../core/lead.ts';
import { causeOf, type Problem, publicMessage } from '../core/problem.ts';
import { CommandFailure, EXIT, type ExitCode, wrongUse } from '../process/exit-code.ts';
import { escapeControls, printable, type Terminal } from '../process/terminal.ts';
import { addDomainFlags, type ChosenDomain, type CommandHost, configOfDomain } from './settings-flags.ts';
import { openCommandStore } from './command-store.ts';
import { operatorOfMachine } from './operator-audit.ts';

interface LookupOptions {
  readonly phone?: string;
  readonly lead?: string;
  readonly json?: boolean;
}

export function addLookup(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('lookup')
    .description('Finds one customer, as the API would for a user who may see every list.')
    .option('--phone <number>', 'by telephone number, in any spelling')
    .option('--lead <id>', 'by lead id')
    .option('--json', 'the documented answer');
  addDomainFlags(command, ['database', 'defaultCountry', 'address3IsPhone', 'stateFile', 'audit']).action(
    (options: LookupOptions) => run(() => lookUp(options, terminal)),
  );
}

async function lookUp(options: LookupOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.phone === undefined && options.lead === undefined) {
    throw wrongUse('give --phone NUMBER or --lead ID');
  }
  const loaded = configOfDomain(options, terminal);
  const { openOperatorLookup, writeCustomerJson } = await import('../lookup.ts');
  const { lookup, close } = openOperatorLookup(onlyThis(loaded), await openCommandStore(loaded));
  try {
    const outcome = await lookup({
      endpoint: 'cli',
      right: 'read',
      requestId: 'command',
      address: operatorOfMachine(),
      credentials: { kind: 'operator' },
      parameters: { phoneNumber: options.phone, leadId: options.lead },
      showsNumbers: options.json !== true,
    });
    if ('result' in outcome) {
      const { result } = outcome;
      terminal.out(options.json === true ? escapeControls(writeCustomerJson(result)) : describe(result));
      return EXIT.ok;
    }
    const { problem } = outcome;
    throw new CommandFailure(messageFor(problem), exitCodeOf(problem));
  } finally {
    await close();
  }
}

/** The domain alone, under its own name: so it stands in the audit, which a lookup of the operator always has. */
function onlyThis({ name, config }: ChosenDomain): Config {
  const own = { ...config, audit: isAuditInDatabase(config) ? config.audit : operatorAuditFolderOf(config) };
  const domains = name === undefined ? [] : [{ name, hosts: [], isFallback: true, config: own }];
  return { ...own, domains };
}

/** The operator may see the private cause as well. */
function messageFor(problem: Problem): string {
  const cause = causeOf(problem);
  const sentence = publicMessage(problem);
  if (!(cause instanceof Error)) return sentence;
  return `${sentence.replace(/\.$/, '')} (${printable(cause.message)}); "callercard check" says more`;
}

function exitCodeOf(problem: Problem): ExitCode {
  if (problem.code === 'lead_not_found' || problem.code === 'phone_not_found') return EXIT.attention;
  return causeOf(problem) === undefined ? EXIT.usage : EXIT.failed;
}

/** For a person: the fields that hold something, one a line. */
function describe(result: LookupResult): string {
  const { lead, custom, isCustomer, foundBy } = result;
  const fields = LEAD_FIELDS.map((field) => [field, lead[field]] as const);
  const others = [...furtherLines(result), ...(custom ?? [])];
  const lines = [...fields, ...others, ['is_customer', isCustomer ? 'yes' : 'no'] as const]
    .filter(([, value]) => value !== null && value !== '')
    .map(([label, value]) => `${printable(label).padEnd(16)} ${printable(String(value))}`);
  if (foundBy !== undefined) {
    const { column, matches } = foundBy;
    const also = matches === 1 ? '' : `; ${writeMatches(matches)} leads have this number`;
    lines.push(`${'found by'.padEnd(16)} ${column}${also}`);
  }
  return lines.join('\n');
}

/** A line for each further number, with its label behind it. */
function furtherLines(result: LookupResult): readonly (readonly [label: string, value: string])[] {
  const { numbers, hasMore } = shownNumbers(result, []);
  const lines = numbers
    .filter(({ field }) => field === undefined)
    .map(({ label, number }) => (label === null ? number : `${number} (${label})`));
  const more = hasMore ? [`more than ${lines.length}`] : [];
  return [...lines, ...more].map((value) => ['further number', value] as const);
}
