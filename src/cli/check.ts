import type { Command } from 'commander';

import type { OpenedStore } from '../stores/open-store.ts';
import { domainsOf } from '../config/domains.ts';
import type { LoadedConfig } from '../config/load.ts';
import { type Inspection, StoreRefusal } from '../core/store.ts';
import { RUN_AS_SERVICE } from '../core/problem.ts';
import { closeAuditPlace, inspectContent, inspectFiles, openAuditPlace } from '../diagnostics/domain.ts';
import { inspectFileRights, trustedGroups } from '../diagnostics/file-rights.ts';
import { dataFolderOf, installationFiles } from '../diagnostics/guarded-files.ts';
import { problem } from '../diagnostics/inspection.ts';
import { inspectInstallation } from '../diagnostics/installation.ts';
import { openCommandStore, withOpened } from './command-store.ts';
import { addSettingFlags, type CommandHost, configOf, domainsNamed } from './settings-flags.ts';
import { EXIT } from '../process/exit-code.ts';
import { printable } from '../process/terminal.ts';

/** What was found, and in which domain where there are domains. */
type Found = Inspection & { readonly domain?: string };

const MARKS: Readonly<Record<Inspection['level'], string>> = {
  ok: 'ok      ',
  advice: 'advice  ',
  problem: 'PROBLEM ',
};

export function addCheck(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('check')
    .description(
      'Looks at configuration, rights of files, Redis, Asterisk, audit, store, indexes and users, and says what to do about what it finds.',
    )
    .option('--json', 'as JSON')
    .option('--domain <name>', 'only this domain; all of them otherwise');
  addSettingFlags(command).action((options: { json?: boolean; domain?: string }) =>
    run(async () => {
      const loaded = configOf(options, terminal);
      const domains = domainsNamed(loaded, options);
      const found: Found[] = [];
      const report = (inspection: Found) => {
        found.push(inspection);
        if (options.json !== true) terminal.out(lineOf(inspection));
      };
      for await (const inspection of inspectConfig(loaded)) report(inspection);
      if (domains.length === 0) await inspectDomainStore(loaded, report);
      for (const domain of domains) await inspectDomain(domain, report);
      const sound = !found.some(({ level }) => level === 'problem');
      if (options.json === true) terminal.json({ sound, found }, 2);
      return sound ? EXIT.ok : EXIT.attention;
    }),
  );
}

async function inspectDomainStore(loaded: LoadedConfig, report: (inspection: Found) => void): Promise<void> {
  const { config } = loaded;
  const audit = await openAuditPlace(config);
  try {
    for await (const inspection of inspectFiles(config, audit)) report(inspection);
    const opened = await openForCheck(loaded, report);
    if (opened === undefined) return;
    await withOpened(opened, async (store) => {
      for await (const inspection of inspectContent(config, store, audit)) report(inspection);
    });
  } finally {
    await closeAuditPlace(audit);
  }
}

/** @returns undefined: this user may not read it, which was reported */
async function openForCheck(
  loaded: LoadedConfig,
  report: (inspection: Found) => void,
): Promise<OpenedStore | undefined> {
  try {
    return await openCommandStore(loaded);
  } catch (cause) {
    if (!(cause instanceof StoreRefusal) || cause.deniedPath === undefined) throw cause;
    const message = `${cause.deniedPath} may not be read and written by this user, so nothing is known of what is in it`;
    report(problem('store', message, RUN_AS_SERVICE));
    return undefined;
  }
}

/** A store that cannot be opened is reported, and the next domain is still inspected. */
async function inspectDomain(
  domain: LoadedConfig & { readonly name: string },
  report: (inspection: Found) => void,
): Promise<void> {
  const reportHere = (inspection: Inspection) => report({ domain: domain.name, ...inspection });
  try {
    await inspectDomainStore(domain, reportHere);
  } catch (cause) {
    if (!(cause instanceof StoreRefusal)) throw cause;
    reportHere({
      level: 'problem',
      subject: 'store',
      message: cause.message,
      advice: 'until then its callers get 503, and the other domains go on',
    });
  }
}

function lineOf({ level, domain, subject, message, advice }: Found): string {
  const where = domain === undefined ? subject : `${domain}: ${subject}`;
  const lines = [`${where}: ${message}`, ...(advice === undefined ? [] : [`-> ${advice}`])];
  return MARKS[level] + lines.map(printable).join('\n        ');
}

async function* inspectConfig(loaded: LoadedConfig): AsyncGenerator<Inspection> {
  const { config } = loaded;
  yield { level: 'ok', subject: 'settings', message: 'every setting is understood' };
  const [first] = domainsOf(config);
  yield* inspectFileRights(installationFiles(loaded), trustedGroups(dataFolderOf(first?.config ?? config)));
  yield* inspectInstallation(config);
}
