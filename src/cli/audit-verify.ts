import { readFileSync } from 'node:fs';

import type { Command } from 'commander';

import { type AuditPlace, nameOfPlace } from '../audit/audit-source.ts';
import { bytesOfSearch } from '../audit/search.ts';
import { verifyChains, type ChainReport, type SeenRecords } from '../audit/verify.ts';
import {
  addAuditSearch,
  AUDIT_SETTINGS,
  auditFailure,
  configuredAudit,
  existingAudit,
  withPlace,
} from './audit-search.ts';
import { addSettingFlags, type CommandHost, configOf, domainsNamed } from './settings-flags.ts';
import { EXIT, wrongUse } from '../process/exit-code.ts';
import { createImportProgress } from './import-progress.ts';
import { printable, type Terminal } from '../process/terminal.ts';

interface VerifyOptions {
  readonly json?: boolean;
  readonly domain?: string;
  readonly earlier?: string;
}

/** One verified audit. */
interface AuditReport {
  readonly domain?: string;
  readonly folder: string;
  readonly chains: readonly ChainReport[];
}

export function addAudit(program: Command, host: CommandHost): void {
  const audit = program
    .command('audit')
    .description('Searches and verifies the audit: who looked up what, and when.');
  addAuditSearch(audit, host);
  addAuditVerify(audit, host);
}

function addAuditVerify(audit: Command, { terminal, run }: CommandHost): void {
  const command = audit
    .command('verify')
    .description(
      'Checks that no record was changed, removed, added or moved, and names the first that was. Exit code 3 in that case. Only an earlier look shows that the end was cut off: keep what --json prints, and pass it with --earlier.',
    )
    .argument('[folder]', 'another audit, such as an archived one')
    .option('--earlier <file>', 'what verify --json printed earlier: its records must still be there')
    .option('--json', 'as JSON')
    .option('--domain <name>', 'only this domain; all of them otherwise');
  addSettingFlags(command, AUDIT_SETTINGS).action((folder: string | undefined, options: VerifyOptions) =>
    run(async () => {
      const places = await placesOf(folder, options, terminal);
      const seen = options.earlier === undefined ? undefined : readEarlier(options.earlier);
      const audits: AuditReport[] = [];
      for (const { place, ...named } of places) {
        if (options.json !== true) terminal.out(printable(headlineOf(named)));
        const earlier = seen?.get(named.domain ?? '') ?? new Map();
        const chains = await withPlace(place, () => verify(place, earlier, terminal));
        if (options.json !== true) for (const line of linesOfAudit(chains)) terminal.out(line);
        audits.push({ ...named, chains });
      }
      // A server writes its first record when it starts: where there is none, somebody removed them.
      const sound = audits.every(
        ({ chains }) => chains.length > 0 && chains.every(({ bad }) => bad === undefined),
      );
      if (options.json === true) terminal.json({ sound, audits }, 2);
      return sound ? EXIT.ok : EXIT.attention;
    }),
  );
}

/** An audit, and whose it is where there are several domains. */
interface NamedAudit extends Pick<AuditReport, 'domain' | 'folder'> {
  readonly place: AuditPlace;
}

async function placesOf(
  folder: string | undefined,
  options: VerifyOptions,
  terminal: Terminal,
): Promise<readonly NamedAudit[]> {
  const named = (place: AuditPlace) => ({ folder: nameOfPlace(place), place });
  if (folder !== undefined) return [named(existingAudit(folder))];
  const loaded = configOf(options, terminal);
  const domains = domainsNamed(loaded, { ...options });
  if (domains.length === 0) return [named(await configuredAudit(loaded.config))];
  return Promise.all(
    domains.map(async ({ name, config }) => ({ domain: name, ...named(await configuredAudit(config)) })),
  );
}

async function verify(
  place: AuditPlace,
  seen: SeenRecords,
  terminal: Terminal,
): Promise<readonly ChainReport[]> {
  try {
    const size = await bytesOfSearch(place, {});
    using progress = await createImportProgress(terminal, size, 'records');
    const onRead = (bytes: number, records: number) => progress.show(bytes, records);
    return await Array.fromAsync(verifyChains(place, seen, onRead));
  } catch (cause) {
    throw auditFailure(nameOfPlace(place), cause);
  }
}

/** @throws {CommandFailure} the file is not what `verify --json` prints */
function readEarlier(file: string): ReadonlyMap<string, SeenRecords> {
  try {
    const { audits } = JSON.parse(readFileSync(file, 'utf8')) as { audits: readonly AuditReport[] };
    return new Map(audits.map(({ domain = '', chains }) => [domain, lastOf(chains)]));
  } catch (cause) {
    throw wrongUse(`${file} is not what "callercard audit verify --json" prints`, { cause });
  }
}

function lastOf(chains: readonly ChainReport[]): SeenRecords {
  return new Map(chains.flatMap(({ chain, last }) => (last === undefined ? [] : [[chain, last]])));
}

function headlineOf({ domain, folder }: Pick<AuditReport, 'domain' | 'folder'>): string {
  return domain === undefined ? folder : `${domain}: ${folder}`;
}

function linesOfAudit(chains: readonly ChainReport[]): readonly string[] {
  return chains.length === 0 ? ['PROBLEM there is no record here'] : chains.map(linesOf);
}

function linesOf({ chain, files, records, last, notes, bad }: ChainReport): string {
  const name = `chain ${chain}`;
  const first =
    bad === undefined
      ? `ok      ${name}: ${records} records in ${files} ${files === 1 ? 'file' : 'files'}${last === undefined ? '' : `; the last, ${last.seq}, is of ${last.at} and has the hash ${last.hash}`}`
      : `PROBLEM ${name}: ${bad.file}, line ${bad.line}: ${bad.why}; ${records} records before it are sound`;
  return [first, ...notes.map((note) => `        ${note}`)].map(printable).join('\n');
}
