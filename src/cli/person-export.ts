import { closeSync, rmSync, writeFileSync } from 'node:fs';

import { isEmbedded } from '../stores/open-store.ts';
import type { ReadRecord } from '../audit/record.ts';
import { currentFields, searchRecords } from '../audit/search.ts';
import { operatorAuditFolderOf } from '../config/domains.ts';
import type { KeptLead } from '../core/person-store.ts';
import { messageOf } from '../core/problem.ts';
import { kindOf, openNewFile } from '../files/new-file.ts';
import { type PageTable, writePage } from '../files/person-page.ts';
import { CommandFailure, EXIT, type ExitCode } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import { auditFailure } from './audit-search.ts';
import { choosePerson, describeTrace, type PersonFlags } from './choose-person.ts';
import { openOwnStore, refuseStoreAsTarget, withStore } from './command-store.ts';
import { dialerTraces } from './dialer-person.ts';
import { documentOf, jsonOf } from './lead-document.ts';
import { operatorOfMachine, withActRecord } from './operator-audit.ts';
import type { ChosenDomain } from './settings-flags.ts';

/** What is known of a person, for the two files. */
interface PersonData {
  readonly domain: string | null;
  readonly leadIds: readonly number[];
  readonly leads: readonly KeptLead[];
  /** Records of the audit that name one of the leads. */
  readonly reads: readonly ReadRecord[];
  /** Where more may be: sentences. */
  readonly elsewhere: readonly string[];
}

/** Writes all that is kept of a person. @throws {CommandFailure} who is meant is not clear, or a file cannot be written */
export async function exportPerson(
  domain: ChosenDomain,
  options: PersonFlags & { readonly out?: string },
  terminal: Terminal,
): Promise<ExitCode> {
  if (!isEmbedded(domain.config)) {
    const { leadIds, sentences } = await dialerTraces(domain, options);
    return write(domain, { leadIds, leads: [], elsewhere: sentences }, options.out, terminal);
  }
  return withStore(openOwnStore(domain), async ({ persons, leads: { country } }) => {
    const leadIds = await choosePerson(domain, options, { persons, country });
    const leads = leadIds.flatMap((leadId) => persons.read(leadId) ?? []);
    const related = persons
      .findRelated(leadIds)
      .map(
        (trace) =>
          `a number of this person is also found in ${describeTrace(trace)}: ${trace.matches.join(', ')}`,
      );
    return write(domain, { leadIds, leads, elsewhere: [...related, ...ELSEWHERE] }, options.out, terminal);
  });
}

const ELSEWHERE = [
  'Files that were imported, exports, backups, and records of the audit that were archived are not in here.',
  'Programs and telephones that asked keep what they were answered.',
];

async function write(
  domain: ChosenDomain,
  found: Pick<PersonData, 'leadIds' | 'leads' | 'elsewhere'>,
  out: string | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  const name = (out ?? `person-${found.leadIds[0] ?? 0}`).replace(/\.(?:json|html)$/i, '');
  const files = name === '-' ? [] : [`${name}.json`, `${name}.html`];
  for (const file of files) refuseStoreAsTarget(file, domain.installation);
  const reads = await readsOf(domain, found.leadIds);
  return withActRecord(domain, async (record) => {
    await record.begin({ action: 'person_export', leadIds: found.leadIds });
    const data = { ...found, reads, domain: domain.name ?? null };
    const at = new Date();
    if (files.length === 0) terminal.json(jsonOfPerson(data, at), 2);
    else writeBoth(files, [`${JSON.stringify(jsonOfPerson(data, at), null, 2)}\n`, pageOf(data, at)]);
    record.counts = { leads: found.leadIds.length, reads: reads.length };
    if (files.length > 0)
      terminal.err(
        printable(`wrote ${files.join(' and ')}; they are for this person alone: delete them once sent`),
      );
    return EXIT.ok;
  });
}

/** Who read the leads and who did something to them, the oldest first. */
async function readsOf({ config }: ChosenDomain, leadIds: readonly number[]): Promise<readonly ReadRecord[]> {
  const folder = operatorAuditFolderOf(config);
  const kind = kindOf(folder);
  // None yet, or nothing that could be one: then it cannot be recorded either.
  if (kind !== 'folder' && kind !== 'link') return [];
  // By its hash: a record may name several of the leads.
  const records = new Map<string, ReadRecord>();
  async function collect(lead: number): Promise<void> {
    for await (const record of searchRecords(folder, { lead }, () => undefined))
      if (record.kind !== 'unrecorded') records.set(record.hash, record);
  }
  try {
    for (const lead of leadIds) await collect(lead);
  } catch (cause) {
    throw auditFailure(folder, cause);
  }
  return [...records.values()].sort((a, b) => (a.at < b.at ? -1 : 1));
}

function jsonOfPerson({ domain, leadIds, leads, reads, elsewhere }: PersonData, at: Date) {
  return {
    personExport: 1,
    at: at.toISOString(),
    by: operatorOfMachine(),
    domain,
    leadIds,
    leads: leads.map(jsonOf),
    reads: reads.map((record) => currentFields(record)),
    elsewhere,
  };
}

function pageOf({ domain, leadIds, leads, reads, elsewhere }: PersonData, at: Date): string {
  const tables = leads.map(documentOf).flatMap(({ title, fields, timeline, readers }): PageTable[] => [
    { heading: title, columns: ['field', 'value'], rows: fields },
    {
      heading: `What happened to ${title}`,
      columns: ['time (UTC)', 'by', 'what'],
      rows: timeline.map(({ at: when, by, what }) => [when, by, what]),
    },
    { heading: `Read lately: ${title}`, columns: ['user'], rows: readers.map((user) => [user]) },
  ]);
  const where = domain === null ? '' : ` in ${domain}`;
  return writePage(
    `What is kept${where} of a person: ${leadIds.map((leadId) => `lead ${leadId}`).join(', ')}`,
    [`Written ${at.toISOString()} by callercard.`, ...elsewhere],
    [
      ...tables,
      { heading: 'Who read it, and who changed it', columns: READ_COLUMNS, rows: reads.map(readRow) },
    ],
  );
}

const READ_COLUMNS = ['time (UTC)', 'user', 'from', 'endpoint', 'what'];

function readRow(record: ReadRecord): readonly string[] {
  const { at, user, address, endpoint, action, result } = currentFields(record);
  return [at, user, address, endpoint, action ?? result].map((value) =>
    typeof value === 'string' ? value : '',
  );
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
