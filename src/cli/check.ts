import { existsSync } from 'node:fs';

import type { Command } from 'commander';

import { isEmbedded, StoreRefusal } from '../app.ts';
import { inspectAudit } from '../diagnostics/audit.ts';
import { auditFolderOf } from '../config/domains.ts';
import type { LoadedConfig } from '../config/load.ts';
import { dayOf } from '../core/daily-leads.ts';
import type { Inspection } from '../core/store.ts';
import { isLoopback } from '../config/addresses.ts';
import { openCommandStore, withStore } from './command-store.ts';
import { addSettingFlags, type CommandHost, configOf, domainsNamed } from './settings-flags.ts';
import { EXIT } from '../process/exit-code.ts';
import { inspectCalls, inspectDailyLeads, inspectTokens } from '../diagnostics/settings.ts';
import { inspectStore } from '../diagnostics/store.ts';
import { inspectTls } from '../process/serve-app.ts';

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
      'Looks at configuration, Redis, audit, store, indexes and users, and says what to do about what it finds.',
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
      if (options.json === true) terminal.out(JSON.stringify({ sound, found }, null, 2));
      return sound ? EXIT.ok : EXIT.attention;
    }),
  );
}

async function inspectDomainStore(loaded: LoadedConfig, report: (inspection: Found) => void): Promise<void> {
  report(inspectAudit(auditFolderOf(loaded.config)));
  await withStore(openCommandStore(loaded), async (store) => {
    for await (const inspection of inspectStore(store)) report(inspection);
    // A state file that nobody has made holds none, and a check makes nothing.
    if (!isEmbedded(loaded.config) && !existsSync(loaded.config.stateFile)) return;
    inspectTokens(store.tokens.list(), Date.now()).forEach(report);
    inspectDailyLeads(store.dailyLeads.reported(dayOf(Date.now()))).forEach(report);
  });
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
  return `${MARKS[level]}${where}: ${message}${advice === undefined ? '' : `\n        -> ${advice}`}`;
}

async function* inspectConfig({ config, texts }: LoadedConfig): AsyncGenerator<Inspection> {
  yield { level: 'ok', subject: 'settings', message: 'every setting is understood' };
  yield* inspectTls(config);
  yield* await inspectCalls(config);
  if (!isLoopback(config.host) && config.tlsCert === '') {
    yield {
      level: 'advice',
      subject: 'host',
      message: `${texts.host} can be reached from other machines, and passwords travel as they are`,
      advice:
        'set tlsCert and tlsKey, or put a reverse proxy with TLS in front and name it in trustedProxies',
    };
  }
}
