/** `npm run bench`: lookups a second on the embedded store, beside servers that do less. */
import { join } from 'node:path';

import { ensureBenchStore, FIRST_LEAD_ID, LEADS, phoneOf } from './lookups/store.ts';
import { byLead, byPhone } from './lookups/requests.ts';
import { compare, writeComparison, type Contestant } from './measure.ts';

const STORE = join(import.meta.dirname, '..', '.bench', 'lookups.db');
const TARGET = join(import.meta.dirname, 'lookups', 'target.ts');
/** The goal of callercard by lead_id, against the bare lookup. */
const GOAL = 0.6;

const contestant = (name: string, kind: string, target: Contestant['target']): Contestant => ({
  name,
  file: TARGET,
  args: [kind, STORE],
  target,
});

const BARE = contestant('bare node:http + query + node:sqlite + JSON', 'sqlite', byLead);
const OURS = contestant('callercard, by lead_id', 'callercard', byLead);
const CONTESTANTS = [
  contestant('bare node:http, fixed answer', 'fixed', byLead),
  BARE,
  OURS,
  contestant('callercard, by phone_number', 'callercard', (leadId) => byPhone(phoneOf(leadId))),
];

await ensureBenchStore(STORE);
const leads = { first: FIRST_LEAD_ID, count: LEADS };
const measured = await compare(CONTESTANTS, leads);
const resultOf = (one: Contestant) => measured.find(({ contestant: other }) => other === one);
const [base, ours] = [resultOf(BARE), resultOf(OURS)];
if (base === undefined || ours === undefined) throw new Error('nothing was measured');
const ratio = ours.perSecond / base.perSecond;
process.stdout.write(
  `${writeComparison(measured, base, leads)}; goal for lead_id: ${GOAL}, reached: ${ratio.toFixed(2)}\n`,
);
if (ratio < GOAL) process.exitCode = 1;
