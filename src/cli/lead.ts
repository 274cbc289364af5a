import { type Command, InvalidArgumentError } from 'commander';

import type { OwnStore, LogStoreEvent } from '../core/store.ts';
import { MAX_LEAD_ID } from '../core/lead.ts';
import { jsonOfLead } from '../core/person-documents.ts';
import { CommandFailure, EXIT, type ExitCode } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import { openOwnStore, withStore } from './command-store.ts';
import { documentOf } from '../files/lead-document.ts';
import { recorded } from './operator-audit.ts';
import {
  addDomainFlags,
  type ChosenDomain,
  type CommandHost,
  configOfDomain,
  RECORDED_SETTINGS,
} from './settings-flags.ts';

/** `lead show` and `lead delete`: one lead of the embedded store. */
export function addLead(program: Command, { terminal, run }: CommandHost): void {
  const lead = program.command('lead').description('One lead of the embedded store.');
  const show = lead
    .command('show')
    .description('Shows all that is kept of a lead, with its timeline; also of one that was deleted.')
    .argument('<id>', 'its lead id', readLeadId)
    .option('--json', 'as JSON');
  addDomainFlags(show, RECORDED_SETTINGS).action((leadId: number, options: { readonly json?: boolean }) =>
    run(() => showLead(configOfDomain(options, terminal), leadId, options.json === true, terminal)),
  );
  const remove = lead
    .command('delete')
    .description(
      'Deletes a lead: nobody finds it any longer. Its timeline is kept, by which that can be undone; "person erase" leaves nothing.',
    )
    .argument('<id>', 'its lead id', readLeadId);
  addDomainFlags(remove, RECORDED_SETTINGS).action((leadId: number, options: object) =>
    run(() => deleteLead(configOfDomain(options, terminal), leadId, terminal)),
  );
}

/** @throws {InvalidArgumentError} it is none */
export function readLeadId(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text) || Number(text) > MAX_LEAD_ID)
    throw new InvalidArgumentError('A lead id is a whole number of 1 to 10 digits.');
  return Number(text);
}

export function noSuchLead(leadId: number): CommandFailure {
  return new CommandFailure(`nothing is kept of a lead ${leadId}`, EXIT.attention);
}

/** Opens the store for a command that changes leads, and brings it up to date, which is said. */
export function openForRecords(domain: ChosenDomain, terminal: Terminal): Promise<OwnStore> {
  const log: LogStoreEvent = ({ message }) => terminal.err(printable(`callercard: ${message}`));
  return openOwnStore(domain, { log });
}

function showLead(
  domain: ChosenDomain,
  leadId: number,
  isJson: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  return withStore(openOwnStore(domain), async ({ persons }) => {
    const lead = await persons.read(leadId);
    if (lead === undefined) throw noSuchLead(leadId);
    return recorded(domain, { action: 'lead_show', leadIds: [leadId] }, () => {
      if (isJson) terminal.json(jsonOfLead(lead), 2);
      else terminal.out(describe(documentOf(lead)));
      return EXIT.ok;
    });
  });
}

function describe({ title, fields, timeline, readers }: ReturnType<typeof documentOf>): string {
  const line = (name: string, value: string) => `${printable(name).padEnd(16)} ${printable(value)}`;
  return [
    printable(title),
    ...fields.map(([name, value]) => line(name, value)),
    ...(readers.length === 0 ? [] : [line('read lately by', readers.join(', '))]),
    ...timeline.map(({ at, by, what }) => printable(`${at.slice(0, 19).replace('T', ' ')}  ${by}  ${what}`)),
  ].join('\n');
}

function deleteLead(domain: ChosenDomain, leadId: number, terminal: Terminal): Promise<ExitCode> {
  return withStore(openForRecords(domain, terminal), async ({ records }) => {
    const stored = await records.read(leadId, 'every list');
    if (stored === undefined) throw new CommandFailure(`there is no lead ${leadId}`, EXIT.attention);
    const by = { user: 'operator', endpoint: 'cli', requestId: 'command' } as const;
    await recorded(domain, { action: 'lead_delete', leadIds: [leadId] }, async () => {
      const removed = await records.remove(leadId, stored.state, by, {});
      if ('refused' in removed)
        throw new CommandFailure(`lead ${leadId} was changed meanwhile; run this again`);
    });
    terminal.err(`lead ${leadId} is deleted; its timeline is kept ("callercard lead show ${leadId}")`);
    return EXIT.ok;
  });
}
