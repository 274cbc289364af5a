import { closeSync, rmSync, writeFileSync } from 'node:fs';

import { isOwnStore } from '../stores/store-config.ts';
import { elsewhereOfPerson } from '../stores/erasure-remains.ts';
import { readsOfLeads } from '../audit/reads-of-leads.ts';
import { isAuditInDatabase, operatorAuditFolderOf } from '../config/domains.ts';
import { exportOf } from '../core/person-documents.ts';
import type { KeptCall } from '../core/call-store.ts';
import type { KeptLead, PersonTrace } from '../core/person-store.ts';
import { readLeads } from '../core/person-task.ts';
import { maskPhone, type PhoneNumber } from '../core/phone.ts';
import { messageOf } from '../core/problem.ts';
import { kindOf, openNewFile } from '../files/new-file.ts';
import { CommandFailure, EXIT, type ExitCode } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import { auditFailure, withPlace } from './audit-search.ts';
import { choosePerson, type PersonFlags } from './choose-person.ts';
import { openOwnStore, refuseStoreAsTarget, withStore } from './command-store.ts';
import { dialerTraces } from './dialer-person.ts';
import { operatorOfMachine, withActRecord } from './operator-audit.ts';
import { PERSON_WORDS, type PersonLanguage, personPage } from '../files/person-page.ts';
import type { ChosenDomain } from './settings-flags.ts';

export interface ExportOptions extends PersonFlags {
  readonly out?: string;
  readonly language: PersonLanguage;
}

/** What is known of a person beside the audit. */
interface FoundPerson {
  readonly leadIds: readonly number[];
  /** Undefined: they are a dialer's. */
  readonly leads?: readonly KeptLead[];
  /** Of somebody who has no lead. */
  readonly phone?: PhoneNumber | undefined;
  readonly calls: readonly KeptCall[];
  readonly related: readonly PersonTrace[];
  /** Where more may be: sentences. */
  readonly elsewhere: readonly string[];
}

/** Writes all that is kept of a person. @throws {CommandFailure} who is meant is not clear, or a file cannot be written */
export async function exportPerson(
  domain: ChosenDomain,
  options: ExportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (!isOwnStore(domain.config)) {
    const { leadIds, sentences } = await dialerTraces(domain, options);
    return write(domain, { leadIds, calls: [], related: [], elsewhere: sentences }, options, terminal);
  }
  return withStore(openOwnStore(domain), async ({ persons, leads: { country } }) => {
    const { leadIds, phone } = await choosePerson(domain, options, { persons, country });
    const leads = await readLeads(persons, leadIds);
    const calls = phone === undefined ? [] : await persons.callsOf(phone);
    const related = await persons.findRelated(leadIds);
    const elsewhere = elsewhereOfPerson(related);
    return write(domain, { leadIds, phone, leads, calls, related, elsewhere }, options, terminal);
  });
}

async function write(
  domain: ChosenDomain,
  found: FoundPerson,
  { out, language }: ExportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { leadIds, leads, calls, related, elsewhere } = found;
  const name = (out ?? (leadIds.length === 0 ? 'person-calls' : `person-${leadIds[0] ?? 0}`)).replace(
    /\.(?:json|html)$/i,
    '',
  );
  const files = name === '-' ? [] : [`${name}.json`, `${name}.html`];
  for (const file of files) refuseStoreAsTarget(file, domain.installation);
  const reads = await readsOf(domain, leadIds);
  return withActRecord(domain, async (record) => {
    const subject = found.phone && maskPhone(found.phone.digits);
    await record.begin({ action: 'person_export', leadIds, ...(subject !== undefined && { subject }) });
    const at = new Date();
    const facts = { domain: domain.name ?? null, at: at.toISOString(), by: operatorOfMachine(), leadIds };
    const data = exportOf(facts, { leads: leads ?? [], calls, reads, elsewhere });
    const shown = { domain: domain.name, leadIds, leads, calls, related, reads, older: 0, namesTables: true };
    if (files.length === 0) terminal.json(data, 2);
    else
      writeBoth(files, [`${JSON.stringify(data, null, 2)}\n`, personPage(shown, at, PERSON_WORDS[language])]);
    record.counts = {
      leads: leadIds.length,
      reads: reads.length,
      ...(calls.length > 0 && { calls: calls.length }),
    };
    if (files.length > 0)
      terminal.err(
        printable(`wrote ${files.join(' and ')}; they are for this person alone: delete them once sent`),
      );
    return EXIT.ok;
  });
}

async function readsOf({ config }: ChosenDomain, leadIds: readonly number[]) {
  if (isAuditInDatabase(config)) {
    const { readAuditTable } = await import('../stores/store-schemas.ts');
    const place = readAuditTable(config);
    return withPlace(place, async () => (await readsOfLeads(place, leadIds)).reads);
  }
  const folder = operatorAuditFolderOf(config);
  const kind = kindOf(folder);
  // What is no folder holds no records; that nothing can be recorded either is said later.
  if (kind !== 'folder' && kind !== 'link') return [];
  try {
    return (await readsOfLeads(folder, leadIds)).reads;
  } catch (cause) {
    throw auditFailure(folder, cause);
  }
}

/** For this user alone, and both or none. @throws {CommandFailure} one is there already, or cannot be written */
function writeBoth(files: readonly string[], texts: readonly string[]): void {
  const made: string[] = [];
  try {
    for (const [at, file] of files.entries()) {
      const descriptor = openNewFile(file);
      if (descriptor === undefined) throw new CommandFailure(`${file} exists; name another with --out`);
      made.push(file);
      try {
        writeFileSync(descriptor, texts[at] ?? '');
      } finally {
        closeSync(descriptor);
      }
    }
  } catch (cause) {
    for (const file of made) rmSync(file, { force: true });
    if (cause instanceof CommandFailure) throw cause;
    throw new CommandFailure(
      `${files[made.length] ?? files[0] ?? ''} cannot be written (${messageOf(cause)})`,
      EXIT.failed,
      {
        cause,
      },
    );
  }
}
