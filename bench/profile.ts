/** `npm run profile`: where the time of a loaded server goes. `npm run profile -- --help` tells more. */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';

import { writeTable } from '../src/process/terminal.ts';
import { BENCH_FOLDER } from './lookups/store.ts';
import type { Candidate } from './measure.ts';
import { measureRound, type Figures } from './measure/figures.ts';
import { markdownTable, writePagePart } from './page/page.ts';
import { costliestPlaces, type Place } from './profile/costs.ts';
import { PROFILE_ROWS, withProfileRow, type ProfileRow } from './profile/rows.ts';

const HELP = `npm run profile -- [--row ROW] [--seconds N] [--json] [--write before|after]

Loads a server as npm run bench does, writes a CPU profile to .bench/ROW.cpuprofile (Chrome's developer tools, VS Code,
Firefox Profiler and speedscope draw a flame graph of it) and prints the ten costliest places.

  --row ROW     ${PROFILE_ROWS.join(', ')}; lead by default
  --seconds N   how long it is looked at; 8 by default
  --json        the places as JSON
  --write WHEN  puts the table into docs/performance.md (lead and dialer), as the one before or after the work on speed
`;
const ROOT = join(import.meta.dirname, '..');
const PLACES = 10;
const WARM_UP_SECONDS = 4;

const { values } = parseArgs({
  options: {
    row: { type: 'string', default: 'lead' },
    seconds: { type: 'string', default: '8' },
    json: { type: 'boolean', default: false },
    write: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(HELP);
else await profile(rowOf(values.row), Number(values.seconds));

function rowOf(text: string): ProfileRow {
  const row = PROFILE_ROWS.find((known) => known === text);
  if (row === undefined) throw new Error(`--row must be one of ${PROFILE_ROWS.join(', ')}`);
  return row;
}

async function profile(row: ProfileRow, seconds: number): Promise<void> {
  const { figures, profile } = await withProfileRow(row, (candidate) => record(candidate, seconds));
  mkdirSync(BENCH_FOLDER, { recursive: true });
  const file = join(BENCH_FOLDER, `${row}.cpuprofile`);
  writeFileSync(file, JSON.stringify(profile));
  const places = costliestPlaces(profile, ROOT).slice(0, PLACES);
  // The profiler looks at the clock: on a busy machine a place's time holds some in which others had the core.
  const perLookup = (place: Place) => place.share * figures.cpuMicroseconds;
  if (values.json) {
    const shown = places.map((place) => ({ ...place, perLookup: perLookup(place) }));
    process.stdout.write(`${JSON.stringify({ row, file, figures, places: shown }, undefined, 2)}\n`);
  }
  const head = ['place', 'where', 'share', 'us/lookup'];
  const cells = places.map((place) => [
    place.name,
    place.where,
    `${(place.share * 100).toFixed(1)} %`,
    perLookup(place).toFixed(2),
  ]);
  const about = `${row}: ${Math.round(figures.perSecond).toLocaleString('en')} lookups/s, ${figures.cpuMicroseconds.toFixed(1)} us of CPU for each, both with the profiler on`;
  if (!values.json) process.stdout.write(`${writeTable(head, cells)}\n\n${about}\n${relative(ROOT, file)}\n`);
  if (values.write === 'before' || values.write === 'after') {
    writePagePart(`profile-${row}-${values.write}`, `${markdownTable(head, cells)}\n\n${about}.`);
  }
}

async function record(
  candidate: Candidate,
  seconds: number,
): Promise<{ figures: Figures; profile: Profiler.Profile }> {
  const server = await candidate.start();
  try {
    await measureRound(server, candidate, WARM_UP_SECONDS);
    await server.profiler?.start();
    const figures = await measureRound(server, candidate, seconds);
    const profile = await server.profiler?.stop();
    if (profile === undefined) throw new Error('this server cannot be profiled');
    return { figures, profile };
  } finally {
    await server.stop();
  }
}
