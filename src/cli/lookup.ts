import type { Command } from 'commander';

import { createApp, writeCustomerJson } from '../app.ts';
import { LEAD_FIELDS } from '../lead/lead.ts';
import type { Finding } from '../lead/lead-store.ts';
import { publicMessage } from '../lead/problem.ts';
import { openCommandStore } from './command-store.ts';
import { addDomainFlag, configOfDomain } from './domain-flag.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit-code.ts';
import { printable } from './printable.ts';
import type { CommandHost } from './command-host.ts';
import { addSettingFlags } from './settings-flags.ts';
import type { Terminal } from './terminal.ts';

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
  addSettingFlags(addDomainFlag(command), ['database', 'defaultCountry', 'address3IsPhone']).action(
    (options: LookupOptions) => run(() => lookUp(options, terminal)),
  );
}

async function lookUp(options: LookupOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.phone === undefined && options.lead === undefined) {
    throw new CommandFailure('give --phone NUMBER or --lead ID', EXIT.usage);
  }
  const loaded = configOfDomain({ ...options });
  const app = createApp({ ...loaded.config, logLevel: 'error' }, { store: openCommandStore(loaded) });
  try {
    const outcome = await app.lookup({
      door: 'command',
      requestId: 'command',
      address: 'local',
      asker: { kind: 'operator' },
      parameters: { phoneNumber: options.phone, leadId: options.lead },
    });
    if ('finding' in outcome) {
      terminal.out(options.json === true ? writeCustomerJson(outcome.finding) : describe(outcome.finding));
      return EXIT.ok;
    }
    const { problem } = outcome;
    const nobody = problem.code === 'lead_not_found' || problem.code === 'phone_not_found';
    throw new CommandFailure(publicMessage(problem), nobody ? EXIT.attention : EXIT.usage);
  } finally {
    await app.close();
  }
}

/** For a person: the fields that hold something, one a line. */
function describe({ lead, custom, isCustomer, foundBy }: Finding): string {
  const fields = LEAD_FIELDS.map((field) => [field, lead[field]] as const);
  const lines = [...fields, ...(custom ?? []), ['is_customer', isCustomer ? 'yes' : 'no'] as const]
    .filter(([, value]) => value !== null && value !== '')
    .map(([label, value]) => `${printable(label).padEnd(16)} ${printable(String(value))}`);
  if (foundBy !== undefined) {
    const others = foundBy.matches - 1;
    const also =
      others === 0 ? '' : `; ${others} more ${others === 1 ? 'lead has' : 'leads have'} this number`;
    lines.push(`${'found by'.padEnd(16)} ${foundBy.column}${also}`);
  }
  return lines.join('\n');
}
