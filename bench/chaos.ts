/**
 * `npm run chaos [-- --rounds N] [--only PART] [--seed S] [--json]`: kills, freezes, ends and damages what it started
 * itself, while requests come, and prints what was promised and what came. Exits with 1 when a promise is broken.
 *
 * PART is import, replace, serve, database, postgresql, instances, ending, files or worker. The seed gives the same moments and bytes again, as far
 * as the machine keeps time.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

import { writeTable } from '../src/process/terminal.ts';
import { isAllKept, isPartName, PART_NAMES, runChaos } from './chaos/run-chaos.ts';

const USAGE = `usage: npm run chaos [-- --rounds N] [--only ${PART_NAMES.join('|')}] [--seed S] [--json]`;

const { values } = readArguments();
const { only } = values;
const rounds = Number(values.rounds);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (
  !Number.isInteger(rounds) ||
  rounds < 1 ||
  !Number.isInteger(seed) ||
  (only !== undefined && !isPartName(only))
) {
  console.error(USAGE);
  process.exit(2);
}
const log = (line: string) => console.error(line);
log(`seed ${seed}: again with --seed ${seed}`);
const reports = await runChaos({ rounds, only, seed, log });
if (values.json) {
  console.log(JSON.stringify({ seed, rounds, reports }, undefined, 2));
} else {
  const rows = reports.flatMap(({ part, rows: all }) =>
    all.map(({ what, asked, reached, isKept }) => [
      part,
      what,
      asked,
      reached,
      isKept === undefined ? 'not tried' : isKept ? 'ok' : 'BROKEN',
    ]),
  );
  console.log(writeTable(['part', 'what', 'asked', 'reached', ''], rows));
  const took = reports
    .filter(({ seconds }) => seconds > 0)
    .map(({ part, seconds }) => `${part} ${Math.round(seconds)} s`);
  console.log(`seed ${seed}; ${took.join(', ')}`);
}
if (!isAllKept(reports)) process.exitCode = 1;

function readArguments() {
  try {
    return parseArgs({
      options: {
        rounds: { type: 'string', default: '200' },
        only: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
  } catch {
    console.error(USAGE);
    process.exit(2);
  }
}
