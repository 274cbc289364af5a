import { GOAL_MEGABYTES, GOAL_RATIO, measureImport } from '../import/measure-import.ts';
import { spreadOf } from '../measure/statistics.ts';
import { atMost, type PartReport } from './report.ts';

const ROWS = Number(process.env.BENCH_ROWS ?? 1_000_000);
const ROUNDS = 3;

/** A file of leads into a new store, beside `sqlite3 .import`. */
export async function measureImported(): Promise<PartReport> {
  const found = await measureImport({ rows: ROWS, rounds: ROUNDS });
  const what = `import of ${ROWS.toLocaleString('en')} leads with 21 columns`;
  return {
    rows: [
      atMost(`${what}: time, times that of sqlite3 .import`, GOAL_RATIO, spreadOf(found.ratios), {
        beside: `${found.seconds.toFixed(1)} and ${found.sqlite3Seconds.toFixed(1)} s`,
      }),
      atMost(`${what}: most memory`, GOAL_MEGABYTES, spreadOf([found.peakMegabytes]), {
        digits: 0,
        unit: ' MB',
      }),
    ],
  };
}
