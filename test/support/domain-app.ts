import { join } from 'node:path';
import { writeFileSync } from 'node:fs';

import { createApp, type App, type AppOverrides } from '../../src/app.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { isOwnStore } from '../../src/stores/store-config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/settings.ts';
import { makeCheapVerifier } from '../service/lookup-fixture.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { createWatchedLog } from './watched-log.ts';

/** What a test writes under `domains` in the config file; the database is a store in the test's folder. */
export type DomainsWritten = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The configuration that a config file with these domains gives. */
export function writeDomains(
  folder: string,
  domains: DomainsWritten,
  top: Readonly<Record<string, unknown>> = {},
): Config {
  const file = join(folder, 'config.json');
  const withStores = Object.fromEntries(
    Object.entries(domains).map(([name, said]) => [
      name,
      { database: `sqlite:${join(folder, name)}.db`, ...said },
    ]),
  );
  const always = { host: '127.0.0.1', port: 0, logLevel: 'silent' };
  writeFileSync(file, JSON.stringify({ ...always, ...top, domains: withStores }));
  return loadConfig({ flags: {}, environment: {}, file }).config;
}

export const LEADS_OF_DOMAIN = 20;

/** The password of the user `crm`, of whom each domain has one. */
export function passwordOf(domain: string): string {
  return `planted-secret ${domain}`;
}

/** A user of whom no other domain has one. */
export function onlyUserOf(domain: string): string {
  return `only-${domain}`;
}

/** What leads of a domain are called; the same ids and numbers are in each. */
export function leadNameOf(domain: string, leadId: number): string {
  return `Of-${domain}-${leadId}`;
}

/** Makes the stores of the domains: the same leads and user, but for names and passwords. */
export async function fillDomains({ domains }: Config, leads = LEADS_OF_DOMAIN): Promise<void> {
  for (const { name, config } of domains) {
    if (!isOwnStore(config)) throw new Error(`${name} is no store of ours`);
    const store = openStore(config, { create: true });
    await fillEmbedded(store, {
      lists: [{ list_id: 1, name: 'one' }],
      leads: Array.from({ length: leads }, (_, at) => ({
        lead_id: at + 1,
        list_id: 1,
        first_name: leadNameOf(name, at + 1),
        phone_number: String(5_500_000_001 + at),
      })),
      users: ['crm', onlyUserOf(name)].map((user) => ({
        name: user,
        password: { verifier: makeCheapVerifier(passwordOf(name)) },
      })),
    });
    await store.close();
  }
}

export interface DomainApp {
  readonly app: App;
  readonly url: string;
}

/** A listening app over domains whose stores were filled; what it logged is searched when it is closed. */
export async function startDomains(config: Config, overrides: AppOverrides = {}): Promise<DomainApp> {
  const watched = createWatchedLog();
  const app = createApp(config, { log: watched.log, ...overrides });
  const close = () => app.close().then(() => watched.check());
  return { app: { ...app, close }, url: await app.listen() };
}

/** The query of the lookup of a lead. */
export function leadQuery(
  domain: string,
  leadId: number,
  changes: Readonly<Record<string, string>> = {},
): string {
  return new URLSearchParams({
    goUser: 'crm',
    goPass: passwordOf(domain),
    goAction: 'goGetCustomerInfo',
    responsetype: 'json',
    lead_id: String(leadId),
    ...changes,
  }).toString();
}
