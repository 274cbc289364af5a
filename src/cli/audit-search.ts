import { statSync } from 'node:fs';

import type { Command } from 'commander';

import { lineOf, type ReadRecord } from '../audit/record.ts';
import { type AuditPlace, nameOfPlace } from '../audit/audit-source.ts';
import { type AuditSearch, bytesOfSearch, currentFields, searchRecords } from '../audit/search.ts';
import { isAuditInDatabase, operatorAuditFolderOf } from '../config/domains.ts';
import { isDenied, messageOf, RUN_AS_SERVICE } from '../core/problem.ts';
import type { Config, SettingName } from '../config/settings.ts';
import { CommandFailure, EXIT, type ExitCode, wrongUse } from '../process/exit-code.ts';
import {
  escapeControls,
  isReaderGone,
  printable,
  writeRow,
  writeText,
  type Terminal,
} from '../process/terminal.ts';
import { addDomainFlags, type CommandHost, configOfDomain } from './settings-flags.ts';
import { failureOfDatabase } from './command-store.ts';
import { createImportProgress } from './import-progress.ts';

interface SearchOptions {
  readonly lead?: string;
  readonly user?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: string;
  readonly json?: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export function addAuditSearch(audit: Command, { terminal, run }: CommandHost): void {
  const command = audit
    .command('search')
    .description(
      'Finds lookups and what operators did, oldest first. Records have phone numbers masked, so search by the lead that was found. Times are UTC.',
    )
    .argument('[folder]', 'another audit, such as an archived one')
    .option('--lead <id>', 'that found this lead, or asked for it')
    .option(
      '--user <name>',
      'by this user, or what was done to it; "token:NAME" is a token, "operator" whoever runs commands',
    )
    .option('--since <time>', 'from then on: 2026-11-01 or 2026-11-01T08:30')
    .option('--until <time>', 'before then; a day counts as a whole')
    .option('--limit <number>', 'only the last ones')
    .option('--json', 'the records as they are, one per line');
  addDomainFlags(command, AUDIT_SETTINGS).action((named: string | undefined, options: SearchOptions) =>
    run(async () => {
      const search = readSearch(options);
      const limit = readNumber('--limit', options.limit);
      const place =
        named === undefined
          ? await configuredAudit(configOfDomain(options, terminal).config)
          : existingAudit(named);
      return withPlace(place, () => find(place, search, limit, options.json === true, terminal));
    }),
  );
}

async function find(
  place: AuditPlace,
  search: AuditSearch,
  limit: number | undefined,
  isJson: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  let [found, unrecorded] = [0, 0];
  const print = async (record: ReadRecord) => {
    if (found === 0 && !isJson) await writeText(terminal.stdout, `${HEAD}\n`);
    found += 1;
    await writeText(
      terminal.stdout,
      `${isJson ? escapeControls(lineOf(record)) : rowOf(currentFields(record))}\n`,
    );
  };
  const kept: ReadRecord[] = [];
  try {
    for await (const record of readAudit(place, search, terminal)) {
      if (record.kind === 'unrecorded') unrecorded += Number(record.fields.count);
      else if (limit === undefined) await print(record);
      else if (kept.push(record) > limit) kept.shift();
    }
    for (const record of kept) await print(record);
  } catch (cause) {
    if (isReaderGone(cause)) return EXIT.ok;
    throw auditFailure(nameOfPlace(place), cause);
  }
  if (unrecorded > 0)
    terminal.err(
      `callercard: ${unrecorded} more lookups of this time, none of which disclosed anything, have no record of their own`,
    );
  if (found === 0) throw new CommandFailure('no such lookup is in the audit', EXIT.attention);
  return EXIT.ok;
}

async function* readAudit(
  place: AuditPlace,
  search: AuditSearch,
  terminal: Terminal,
): AsyncGenerator<ReadRecord> {
  const size = await bytesOfSearch(place, search);
  // A progress bar would be drawn between the rows.
  using progress =
    terminal.stdout.isTTY === true ? undefined : await createImportProgress(terminal, size, 'records');
  let [bytes, records] = [0, 0];
  const onRead = (more: number) => {
    bytes += more;
    progress?.show(bytes, records);
  };
  for await (const record of searchRecords(place, search, onRead)) {
    records += 1;
    yield record;
  }
}

function readSearch({ lead, user, since, until }: SearchOptions): AuditSearch {
  const leadId = readNumber('--lead', lead);
  return {
    leads: leadId === undefined ? undefined : new Set([leadId]),
    user,
    since: readTime('--since', since, 0),
    until: readTime('--until', until, DAY_MS),
  };
}

function readNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,14}$/.test(text) && Number(text) > 0) return Number(text);
  throw wrongUse(`${flag} takes a whole number, not "${printable(text)}"`);
}

/** @param dayMs what to add to a day that is given without a time */
function readTime(flag: string, text: string | undefined, dayMs: number): number | undefined {
  if (text === undefined) return undefined;
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const isTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z?$/.test(text);
  const at = Date.parse(isTime ? `${text.replace(' ', 'T').replace('Z', '')}Z` : text);
  if ((isDay || isTime) && !Number.isNaN(at)) return isDay ? at + dayMs : at;
  throw wrongUse(
    `${flag} takes a day or a time in UTC (2026-11-01, 2026-11-01T08:30), not "${printable(text)}"`,
  );
}

/** Fixed widths: rows are printed before the longest one is known. */
const WIDTHS = [24, 16, 15, 9, 20];
const HEAD = writeRow(['time (UTC)', 'user', 'from', 'endpoint', 'result', 'asked for'], WIDTHS);

function rowOf(fields: ReadRecord['fields']): string {
  const text = (name: string) => {
    const value = fields[name];
    return typeof value === 'string' || typeof value === 'number' ? printable(String(value)) : '-';
  };
  if (fields.kind === 'operator') return actRowOf(fields, text);
  const asked = askedIn(fields, text);
  const outcome =
    fields.result === 'found'
      ? `found lead ${text('leadId')}`
      : fields.recipient === undefined
        ? text('result')
        : `${text('result')} to ${text('recipient')}`;
  const when = text('at').replace('T', ' ');
  return writeRow([when, text('user'), text('address'), text('endpoint'), outcome, asked], WIDTHS);
}

/** What was asked for, or what was changed: a lead or a list, and the names of the fields. */
function askedIn(fields: ReadRecord['fields'], text: (name: string) => string): string {
  const changed = Array.isArray(fields.fields) ? `: ${printable(fields.fields.join(', '))}` : '';
  if (fields.askedLead !== undefined) return `lead ${text('askedLead')}${changed}`;
  if (fields.kind === 'change' && fields.leadId !== undefined) return `lead ${text('leadId')}${changed}`;
  return fields.listId === undefined ? text('askedPhone') : `list ${text('listId')}${changed}`;
}

/** Of what an operator did. */
function actRowOf(fields: ReadRecord['fields'], text: (name: string) => string): string {
  const what = text('action').replace('_', ' ');
  const outcome = fields.result === undefined ? what : `${what} ${text('result')}`;
  const changes = [writeChange(fields.before, fields.after), writeState(fields.counts)].filter(
    (part) => part !== '',
  );
  const about = [...subjectsOf(fields, text), ...changes].join('; ');
  const when = text('at').replace('T', ' ');
  return writeRow([when, text('user'), text('address'), text('endpoint'), outcome, about], WIDTHS);
}

/** What it concerns: leads, an account, a file. An export without a name went to standard output. */
function subjectsOf({ subject, leadIds }: ReadRecord['fields'], text: (name: string) => string): string[] {
  const leads = Array.isArray(leadIds)
    ? [`${leadIds.length === 1 ? 'lead' : 'leads'} ${leadIds.join(', ')}`]
    : [];
  if (subject === undefined) return leads.length > 0 ? leads : ['standard output'];
  return [text('subject'), ...leads];
}

function writeChange(before: unknown, after: unknown): string {
  const [from, to] = [writeState(before), writeState(after)];
  if (to === '') return from === '' ? '' : `was ${from}`;
  return from === '' ? to : `${from} -> ${to}`;
}

/** `rights card,read, lists 1,2`, or nothing. */
function writeState(state: unknown): string {
  if (typeof state !== 'object' || state === null) return '';
  const parts = Object.entries(state).map(([name, value]) => {
    const values = Array.isArray(value) ? value.join(',') || 'none' : String(value);
    return printable(`${name} ${values}`);
  });
  return parts.join(', ');
}

/** The settings that the audit's folder depends on. */
export const AUDIT_SETTINGS: readonly SettingName[] = ['database', 'stateFile', 'audit'];

/**
 * The folder of a configured audit; of operators' acts alone, where it is off for callers.
 *
 * @throws {CommandFailure} there is none
 */
export async function configuredAudit(config: Config): Promise<AuditPlace> {
  if (!isAuditInDatabase(config)) return existingAudit(operatorAuditFolderOf(config));
  const { readAuditTable } = await import('../stores/store-schemas.ts');
  return readAuditTable(config);
}

/** Runs work on an audit, and closes it. */
export async function withPlace<Result>(place: AuditPlace, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw failureOfDatabase(cause) ?? cause;
  } finally {
    if (typeof place !== 'string') await place.close();
  }
}

/** @throws {CommandFailure} there is no such folder, or this user may not look for it */
export function existingAudit(folder: string): string {
  try {
    statSync(folder);
    return folder;
  } catch (cause) {
    if (isDenied(cause)) throw auditFailure(folder, cause);
    throw new CommandFailure(
      `there is no audit in ${folder}; it begins with the first server or command that writes a record`,
      EXIT.failed,
      { cause },
    );
  }
}

/** A failure of the file system as one of the command; others as they are. */
export function auditFailure(folder: string, cause: unknown): unknown {
  if ((cause as NodeJS.ErrnoException | undefined)?.syscall === undefined) return cause;
  return new CommandFailure(
    `the audit in ${folder} cannot be read (${messageOf(cause)}); ${RUN_AS_SERVICE}`,
    EXIT.failed,
    { cause },
  );
}
