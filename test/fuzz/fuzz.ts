/** `npm run fuzz -- --seconds 60`: requests that nobody would send, against a server of its own. */
import { parseArgs } from 'node:util';

import { runCampaign, type Campaign } from './campaign.ts';
import { startFuzzed, STORES, type FuzzedStore } from './servers.ts';

const HELP = `npm run fuzz -- [--seconds 60] [--seed N] [--case N] [--store embedded|dialer] [--json]

Sends made-up requests to a server of its own until something is wrong or the time is over.
--case N with the seed of a fault sends that very case again. Exit code 1: something was found.
`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    case: { type: 'string' },
    store: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  process.stderr.write(`--${name} must be a whole number, not ${JSON.stringify(text)}\n`);
  process.exit(2);
}

function storesOf(text: string | undefined): readonly FuzzedStore[] {
  if (text === undefined) return STORES;
  const store = STORES.find((known) => known === text);
  if (store !== undefined) return [store];
  process.stderr.write(`--store must be one of ${STORES.join(', ')}\n`);
  process.exit(2);
}

function report(store: FuzzedStore, seed: number, { cases, answers, fault }: Campaign): void {
  const found =
    fault === undefined
      ? undefined
      : { case: fault.number, message: fault.message, sent: JSON.stringify(fault.bytes.toString('latin1')) };
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ store, seed, cases, answers, fault: found ?? null })}\n`);
    return;
  }
  process.stdout.write(
    `${store}: seed ${seed}, ${cases} cases, ${answers} answers: ${found === undefined ? 'nothing found' : 'A FAULT'}\n`,
  );
  if (found === undefined) return;
  process.stdout.write(`  ${found.message}\n  sent: ${found.sent}\n`);
  process.stdout.write(`  again: npm run fuzz -- --store ${store} --seed ${seed} --case ${found.case}\n`);
}

if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : wholeNumber('seed', values.seed);
const seconds = wholeNumber('seconds', values.seconds);
const stores = storesOf(values.store);
for (const store of stores) {
  const server = await startFuzzed(store);
  const until = performance.now() + (seconds * 1_000) / stores.length;
  const onProgress = (cases: number) => process.stderr.write(`${store}: ${cases} cases\n`);
  const only = values.case === undefined ? {} : { first: wholeNumber('case', values.case), cases: 1 };
  try {
    const campaign = await runCampaign(server, { seed, until, onProgress, ...only });
    report(store, seed, campaign);
    if (campaign.fault !== undefined) process.exitCode = 1;
  } finally {
    await server.close();
  }
}
