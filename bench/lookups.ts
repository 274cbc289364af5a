/** `npm run bench`: lookups a second beside servers that do less, or all that is asked of speed; `-- --help` tells more. */
import { parseArgs } from 'node:util';

import { PART_NAMES, type PartName } from './all/parts.ts';
import { notReached, runParts, writePage, writeReport, type FullReport } from './all/run-all.ts';
import { runCompare, writeCompared } from './compare/run-compare.ts';
import { embeddedCandidates } from './lookups/candidates.ts';
import { ensureBenchStore, LEADS } from './lookups/store.ts';
import { compare, pairedRatio, writeComparison } from './measure.ts';

const HELP = `npm run bench -- [--all [--part PARTS] [--write] | --compare REV] [--json]

Without flags: lookups a second on the embedded store beside bare servers, in about two minutes.

  --all         everything that is asked of speed, asked and reached, in at most 15 minutes. Stores of up to 10,000,000
                leads are made before in .bench/, once; that takes some minutes and 10 GB more
  --part PARTS  only these parts of it, separated by commas: ${PART_NAMES.join(', ')}
  --write       puts the tables into docs/performance.md, and draws docs/performance.svg
  --compare REV this commit against another, in pairs of rounds: embedded and on MariaDB, with what the database has to do.
                The other one is checked out into a temporary folder, with its own packages where these differ
  --json        the result as JSON

Exits with 1 when something that is asked is not reached, and names it. BENCH_ROUNDS (7) and BENCH_SECONDS (2) in the
environment are the rounds of a comparison.
`;
/** Of the bare lookup, at least. */
const GOALS = { lead: 0.8, phone: 0.75 } as const;

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    part: { type: 'string', default: PART_NAMES.join(',') },
    write: { type: 'boolean', default: false },
    compare: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(HELP);
else if (values.compare !== undefined) await measureCompared(values.compare);
else if (values.all) await measureAll(partsOf(values.part));
else await measureShortly();

function partsOf(text: string): readonly PartName[] {
  return text.split(',').map((word) => {
    const part = PART_NAMES.find((name) => name === word);
    if (part === undefined) throw new Error(`--part: ${word} is none of ${PART_NAMES.join(', ')}`);
    return part;
  });
}

async function measureAll(parts: readonly PartName[]): Promise<void> {
  if (values.write && parts.length < PART_NAMES.length) throw new Error('--write needs all parts');
  const report: FullReport = await runParts(parts);
  process.stdout.write(`${values.json ? JSON.stringify(report, undefined, 2) : writeReport(report)}\n`);
  if (values.write) writePage(report);
  const missed = notReached(report);
  for (const line of missed) process.stderr.write(`${line}\n`);
  if (missed.length > 0) process.exitCode = 1;
}

async function measureCompared(revision: string): Promise<void> {
  const compared = await runCompare(revision);
  process.stdout.write(`${values.json ? JSON.stringify(compared, undefined, 2) : writeCompared(compared)}\n`);
}

async function measureShortly(): Promise<void> {
  const { fixed, bare, lead, phone } = embeddedCandidates(await ensureBenchStore(), LEADS);
  const measured = await compare([fixed, bare, lead, phone]);
  const [, base, byLead, byPhone] = measured;
  const reached = {
    lead: pairedRatio(byLead, base, 'perSecond'),
    phone: pairedRatio(byPhone, base, 'perSecond'),
  };
  const text = `${writeComparison(measured, base)}\nasked: ${GOALS.lead} by lead_id, ${GOALS.phone} by phone_number`;
  process.stdout.write(`${values.json ? JSON.stringify({ asked: GOALS, reached }, undefined, 2) : text}\n`);
  if (reached.lead.median < GOALS.lead || reached.phone.median < GOALS.phone) process.exitCode = 1;
}
