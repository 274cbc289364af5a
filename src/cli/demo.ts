import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import type { Command } from 'commander';

import { DEMO_PASSWORD, DEMO_USER } from '../core/demo-user.ts';
import type { LookupEvent } from '../core/lookup-event.ts';
import { EVERY_RIGHT } from '../core/rights.ts';
import { hashPassword } from '../auth/password-hash.ts';
import type { Config } from '../config/settings.ts';
import { addSettingFlags, type CommandHost, configOf } from './settings-flags.ts';
import { isLoopback } from '../config/addresses.ts';
import { withStore } from './command-store.ts';
import { wrongUse } from '../process/exit-code.ts';
import { servedSettings } from '../process/serve-app.ts';
import type { Terminal } from '../process/terminal.ts';
import { openStore } from '../stores/open-store.ts';
import { serve } from './serve.ts';

const DEMO_STORE = join('data', 'demo.db');
/** The lead of the documented example, then 1,000 invented ones, as `callercard export` writes them. */
const DEMO_LEADS = join(import.meta.dirname, 'demo-leads.csv');

export function addDemo(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('demo')
    .description(
      `Makes ${DEMO_STORE} with invented leads and the user of the documentation, and serves it on this machine.`,
    );
  addSettingFlags(command, ['host', 'port', 'logLevel']).action((options: Record<string, unknown>) =>
    run(async () => {
      const loaded = configOf(options, terminal);
      const demo = demoConfig(loaded.config);
      if (!isLoopback(demo.host)) {
        throw wrongUse(
          `the demo's password is in the documentation, so it listens on this machine only, not on ${demo.host}; use "callercard serve" with your own users`,
        );
      }
      if (!existsSync(DEMO_STORE)) {
        terminal.err(`callercard: making ${DEMO_STORE} with 1001 invented leads`);
        await fillDemoStore(demo, terminal);
      }
      const lively = terminal.stderr.isTTY === true && loaded.sources.logLevel === 'default';
      const config = lively ? { ...demo, logLevel: 'error' as const } : demo;
      const { GOAPI_PATHS } = await import('../app.ts');
      return serve(servedSettings(config), terminal, {
        onListening: (url) => terminal.out(greeting(url, GOAPI_PATHS[0])),
        onEvent: (event) => {
          if (lively) terminal.err(lineOf(event));
        },
      });
    }),
  );
}

/** The demo's own store instead of the configured one, and no domains. */
function demoConfig(configured: Config): Config {
  return {
    ...configured,
    database: { engine: 'sqlite', path: DEMO_STORE },
    defaultCountry: 'MX',
    chosenCountry: undefined,
    domains: [],
    // The demo is one process, and its curl line must work without a certificate.
    workers: 1,
    tlsCert: '',
    tlsKey: '',
  };
}

/** Fills a store under another name and renames it: an interrupted demo is made again. */
async function fillDemoStore(config: Config, terminal: Terminal): Promise<void> {
  const { importLeads } = await import('./import.ts');
  const verifier = await hashPassword(DEMO_PASSWORD);
  const draft = `${DEMO_STORE}.part-${process.pid}`;
  const database = { engine: 'sqlite', path: draft } as const;
  await withStore(openStore({ ...config, database }, { create: true }), async ({ archive, leads, users }) => {
    const openTarget = () => ({ archive, country: leads.country });
    const { signal } = new AbortController();
    const options = { map: [], custom: [], ignore: [], onDuplicate: 'update' } as const;
    await importLeads(DEMO_LEADS, options, { openStore: openTarget, terminal, signal });
    users.add({ name: DEMO_USER, verifier, rights: EVERY_RIGHT, lists: 'every list' });
  });
  renameSync(draft, DEMO_STORE);
}

function greeting(url: string, path: string): string {
  const query = `goUser=${DEMO_USER}&goPass=${DEMO_PASSWORD}&goAction=goGetCustomerInfo&responsetype=json&phone_number=8004321000&lead_id=14246`;
  return `callercard demo: ${url}

Who is calling? Ask from another terminal:

  curl "${url}${path}?${query}"

The page for agents: ${url}/card?phone=8004321000 (sign in as ${DEMO_USER} with ${DEMO_PASSWORD})

Ctrl-C ends it. Your own customers: ./bin/callercard import --help`;
}

/** One lookup for the person who watches the demo. */
function lineOf({ at, user, query, result, leadId, durationMs }: LookupEvent): string {
  const asked = askedFor(query);
  const found = result === 'found' ? `lead ${String(leadId)}` : result.replaceAll('_', ' ');
  return `${new Date(at).toISOString().slice(11, 19)}  ${user ?? 'an unknown user'} asked for ${asked}: ${found} (${durationMs.toFixed(1)} ms)`;
}

function askedFor(query: LookupEvent['query']): string {
  switch (query?.by) {
    case undefined:
      return 'an unreadable query';
    case 'lead_id':
      return `lead ${query.leadId}`;
    case 'phone_number':
      return query.phone.digits;
    case 'text':
      return query.words.join(' ');
  }
}
