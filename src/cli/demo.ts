import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import type { Command } from 'commander';

import type { Account } from '../core/account-store.ts';
import type { CallReport, CallStore } from '../core/call-store.ts';
import { DEMO_PASSWORD, DEMO_USER } from '../core/demo-user.ts';
import type { LookupEvent } from '../core/lookup-event.ts';
import type { Direction } from '../core/reported-call.ts';
import { EVERY_RIGHT } from '../core/rights.ts';
import { hashPassword } from '../auth/password-hash.ts';
import type { Config } from '../config/settings.ts';
import { addSettingFlags, type CommandHost, configOf } from './settings-flags.ts';
import { isLoopback } from '../config/addresses.ts';
import { withStore } from './command-store.ts';
import { wrongUse } from '../process/exit-code.ts';
import { servedSettings } from '../process/serve-app.ts';
import type { Terminal } from '../process/terminal.ts';
import { loadStore } from '../stores/load-store.ts';
import { serve } from './serve.ts';

const DEMO_STORE = join('data', 'demo.db');
/** The lead of the documented example, then 1,000 invented ones, as `callercard export` writes them. */
const DEMO_LEADS = join(import.meta.dirname, 'demo-leads.csv');
/** What agents noted about leads, the oldest first. */
const DEMO_NOTES: readonly (readonly [leadId: number, agent: string, text: string])[] = [
  [14_246, 'agent1', 'Called about the two plans. Wants the prices by e-mail before Friday.'],
  [14_246, 'agent2', 'Sent the prices. Call back on Monday after 16:00, on the second number.'],
  [100_002, 'agent3', 'Prefiere WhatsApp; en la oficina contesta la recepción.'],
];

/** Calls of these leads, the oldest first: how many hours ago, for how many minutes, and what came of it. */
const DEMO_CALLS: readonly DemoCall[] = [
  { leadId: 14_246, phone: '8004321000', hoursAgo: 73, minutes: 4, direction: 'inbound', outcome: 'CALLBK' },
  {
    leadId: 14_246,
    phone: '5587654321',
    hoursAgo: 25,
    minutes: 0,
    direction: 'outbound',
    outcome: 'NOANSWER',
  },
  { leadId: 100_002, phone: '9996114442', hoursAgo: 3, minutes: 9, direction: 'inbound', outcome: 'SALE' },
];

interface DemoCall {
  readonly leadId: number;
  readonly phone: string;
  readonly hoursAgo: number;
  /** 0: nobody answered. */
  readonly minutes: number;
  readonly direction: Direction;
  readonly outcome: string;
}

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
      return serve(servedSettings(loaded, config), terminal, {
        isDemo: true,
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
  await withStore(
    loadStore({ ...config, database }, { create: true }),
    async ({ accounts, archive, calls, leads, users, records }) => {
      const openTarget = () => ({ archive, country: leads.country });
      const { signal } = new AbortController();
      const options = { map: [], custom: [], ignore: [], onDuplicate: 'update' } as const;
      // What an import says of its columns is not what somebody wants to know who looks at this for the first time.
      const quiet = { ...terminal, err: () => undefined };
      await importLeads(DEMO_LEADS, options, { openStore: openTarget, terminal: quiet, signal });
      for (const [leadId, user, text] of DEMO_NOTES) {
        await records.addNote(leadId, text, { user, endpoint: 'card', requestId: 'demo' });
      }
      await users.add({ name: DEMO_USER, verifier, rights: EVERY_RIGHT, lists: 'every list' });
      const { account } = await accounts.read(DEMO_USER);
      if (account !== undefined) for (const call of DEMO_CALLS) await keepCall(calls, account, call);
    },
  );
  renameSync(draft, DEMO_STORE);
}

async function keepCall(calls: CallStore, { id, name }: Account, call: DemoCall): Promise<void> {
  const { leadId, phone, direction, hoursAgo, minutes, outcome } = call;
  const startedAt = Date.now() - hoursAgo * 3_600_000;
  const about: Omit<CallReport, 'state' | 'at'> = {
    ...{ source: 'api', sourceCallId: `demo-${hoursAgo}`, account: id, user: name },
    ...{ leadId, phone, direction, line: 'Demo', mayBegin: true },
  };
  await calls.report({ ...about, state: 'ringing', at: startedAt });
  const answeredAt = startedAt + 8_000;
  if (minutes > 0) await calls.report({ ...about, state: 'answered', at: answeredAt });
  await calls.report({ ...about, state: 'ended', at: answeredAt + minutes * 60_000, outcome });
}

function greeting(url: string, path: string): string {
  const query = `goUser=${DEMO_USER}&goPass=${DEMO_PASSWORD}&goAction=goGetCustomerInfo&responsetype=json&phone_number=8004321000&lead_id=14246`;
  return `callercard demo: ${url}

Who is calling? Ask from another terminal:

  curl "${url}${path}?${query}"

The page for agents: ${url}/card?phone=8004321000 (sign in as ${DEMO_USER} with ${DEMO_PASSWORD})
Search there for 9994806018, which three people have, for 9996114442, who has further numbers, a note and a call, and for a name.
With the card open, let somebody call: curl -u ${DEMO_USER}:${DEMO_PASSWORD} ${url}/v1/calls -d user=${DEMO_USER} -d phone=9996114442 -d direction=inbound

Ctrl-C ends it. Your own customers: callercard import --help (in a clone ./bin/callercard)`;
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
