import { hash } from 'node:crypto';

import type { OwnStore } from '../core/store.ts';
import { isOwnStore } from '../stores/store-config.ts';
import { valueOf } from '../core/lead-state.ts';
import { type ErasureReceipt, receiptOf } from '../core/person-documents.ts';
import type { CleanedFiles, ErasedRows, PersonStore } from '../core/person-store.ts';
import { knownLeads } from '../core/person-task.ts';
import { maskPhone, type PhoneNumber } from '../core/phone.ts';
import { EXIT, type ExitCode } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import { type ChosenPerson, choosePerson, type PersonFlags } from './choose-person.ts';
import { confirm } from './confirm.ts';
import { openDialerStore, withStore } from './command-store.ts';
import { dialerTraces } from './dialer-person.ts';
import { deleteOldTrials, elsewhere, remainsOf } from '../stores/erasure-remains.ts';
import { writeReceipt } from './erasure-receipt.ts';
import { withClaim } from './finish-import.ts';
import { documentOf } from '../files/lead-document.ts';
import { openForRecords } from './lead.ts';
import { type ActRecord, operatorOfMachine, withActRecord } from './operator-audit.ts';
import type { ChosenDomain } from './settings-flags.ts';

interface EraseOptions extends PersonFlags {
  readonly yes?: boolean;
  readonly json?: boolean;
}

/**
 * Erases a person from a domain. It is recorded before anything is deleted; where it is killed, it is finished by the next run.
 *
 * @returns `attention` where something may be left in a file
 */
export async function erasePerson(
  domain: ChosenDomain,
  options: EraseOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (!isOwnStore(domain.config)) return eraseTraces(domain, options, terminal);
  return withStore(openForRecords(domain, terminal), async (store) => {
    const { leadIds, phone } = await leadsToErase(domain, options, store);
    return withActRecord(domain, async (record) => {
      const subject = phone && maskPhone(phone.digits);
      await record.begin({ action: 'person_erase', leadIds, ...(subject !== undefined && { subject }) });
      if (options.yes !== true && !(await isConfirmed(store, leadIds, phone, terminal))) {
        record.isStopped = true;
        record.counts = { leads: 0 };
        terminal.err('nothing was erased');
        return EXIT.interrupted;
      }
      return withClaim(store.archive, { terminal }, async () => {
        const imports = await store.archive.imports();
        const remains = remainsOf(await store.persons.findRelated(leadIds), imports, domain.config);
        const facts = { domain: domain.name ?? null, leadIds, remains };
        return printReceipt(await eraseRows(store.persons, facts, record, phone), options, terminal);
      });
    });
  });
}

/** Those that are meant; where nobody is, those of an erasure that was killed before the files were clean. */
async function leadsToErase(
  domain: ChosenDomain,
  flags: PersonFlags,
  { persons, leads: { country } }: OwnStore,
): Promise<ChosenPerson> {
  const uncleaned = await persons.uncleaned();
  if (uncleaned.length > 0 && flags.lead !== undefined) {
    const known = await knownLeads(persons, flags.lead);
    if (known.length === flags.lead.length) return { leadIds: [...new Set(flags.lead)] };
  }
  try {
    return await choosePerson(domain, flags, { persons, country });
  } catch (cause) {
    if (flags.phone === undefined) throw cause;
    if ((cause as { exitCode?: unknown }).exitCode !== EXIT.attention) throw cause;
    // By a number nobody can tell any longer who it was: all are finished.
    if (uncleaned.length === 0) throw cause;
    return { leadIds: uncleaned };
  }
}

async function isConfirmed(
  { persons }: OwnStore,
  leadIds: readonly number[],
  phone: PhoneNumber | undefined,
  terminal: Terminal,
): Promise<boolean> {
  if (phone !== undefined)
    terminal.err(`${await persons.countCalls(phone)} calls with this number, which no lead has or had`);
  for (const leadId of leadIds) {
    const lead = await persons.read(leadId);
    if (lead === undefined) continue;
    const { title, timeline } = documentOf(lead);
    const name = ['first_name', 'last_name'].flatMap((field) => {
      const value = valueOf(lead.state, field);
      return typeof value === 'string' ? [value] : [];
    });
    terminal.err(
      printable(`${title}: ${name.join(' ') || 'no name'}; ${timeline.length} entries in its timeline`),
    );
  }
  return confirm(terminal, 'Erase it for good?');
}

/** Deletes the rows, then what is left of them in files. */
async function eraseRows(
  persons: PersonStore,
  facts: Pick<ErasureReceipt, 'domain' | 'leadIds' | 'remains'>,
  record: ActRecord,
  phone?: PhoneNumber,
): Promise<ErasureReceipt> {
  const at = Date.now();
  const removed: ErasedRows = await persons.erase(facts.leadIds, at, 'wish', phone);
  const cleaned: CleanedFiles = await persons.cleanFiles();
  const files = { ...cleaned, deleted: [...cleaned.deleted, ...deleteOldTrials()] };
  const by = operatorOfMachine();
  const done = { ...facts, at: new Date(at).toISOString(), by, removed };
  const receipt = receiptOf(done, files, (text) => hash('sha256', text, 'hex'));
  record.counts = { ...removed, files: files.deleted.length, unclean: files.left.length };
  record.receipt = receipt.digest;
  return receipt;
}

function printReceipt(receipt: ErasureReceipt, { json }: EraseOptions, terminal: Terminal): ExitCode {
  if (json === true) terminal.json(receipt, 2);
  else terminal.out(writeReceipt(receipt));
  return receipt.files.areClean ? EXIT.ok : EXIT.attention;
}

/** Beside a dialer: what is kept here of its leads. */
async function eraseTraces(
  domain: ChosenDomain,
  options: EraseOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { leadIds, sentences } = await dialerTraces(domain, options);
  return withStore(openDialerStore(domain), ({ persons }) =>
    withActRecord(domain, async (record) => {
      await record.begin({ action: 'person_erase', leadIds });
      const remains = [...sentences, ...elsewhere(domain.config)];
      const facts = { domain: domain.name ?? null, leadIds, remains };
      return printReceipt(await eraseRows(persons(), facts, record), options, terminal);
    }),
  );
}
