import { existsSync } from 'node:fs';

import type { Command } from 'commander';

import { isEmbedded, StoreRefusal } from '../app.ts';
import { inspectAudit } from '../diagnostics/audit.ts';
import { auditFolderOf } from '../config/domains.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Inspection } from '../core/store.ts';
import {
  addSettingFlags,
  type CommandHost,
  configOf,
  domainsNamed,
  isLoopback,
  openCommandStore,
  withStore,
} from './command-options.ts';
import { EXIT } from '../process/exit-code.ts';
import { inspectCalls, inspectTokens } from '../diagnostics/settings.ts';
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
      const loaded = configOf({ ...options }, terminal);
      const domains = domainsNamed(loaded, options);
      const found: Found[] = [];
      const tell = (inspection: Found) => {
        found.push(inspection);
        if (options.json !== true) terminal.out(lineOf(inspection));
      };
      for await (const inspection of inspectConfig(loaded)) tell(inspection);
      if (domains.length === 0) await inspectDomainStore(loaded, tell);
      for (const domain of domains) await inspectDomain(domain, tell);
      const sound = !found.some(({ level }) => level === 'problem');
      if (options.json === true) terminal.out(JSON.stringify({ sound, found }, null, 2));
      return sound ? EXIT.ok : EXIT.attention;
    }),
  );
}

async function inspectDomainStore(loaded: LoadedConfig, tell: (inspection: Found) => void): Promise<void> {
  tell(inspectAudit(auditFolderOf(loaded.config)));
  await withStore(openCommandStore(loaded), async (store) => {
    for await (const inspection of inspectStore(store)) tell(inspection);
    // A state file that nobody has made holds none, and a check makes nothing.
    if (isEmbedded(loaded.config) || existsSync(loaded.config.stateFile))
      inspectTokens(store.tokens.list(), Date.now()).forEach(tell);
  });
}

/** One that cannot be opened is a finding like any other: the next domain is looked at all the same. */
async function inspectDomain(
  domain: LoadedConfig & { readonly name: string },
  tell: (inspection: Found) => void,
): Promise<void> {
  const tellOf = (inspection: Inspection) => tell({ domain: domain.name, ...inspection });
  try {
    await inspectDomainStore(domain, tellOf);
  } catch (cause) {
    if (!(cause instanceof StoreRefusal)) throw cause;
    tellOf({
      level: 'problem',
      subject: 'store',
      message: cause.message,
      advice: 'until then its callers get 503, and the other domains go on',
    });
  }
}

function lineOf({ level, domain, subject, message, advice }: Found): string {
  const place = domain === undefined ? subject : `${domain}: ${subject}`;
  return `${MARKS[level]}${place}: ${message}${advice === undefined ? '' : `\n        -> ${advice}`}`;
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
