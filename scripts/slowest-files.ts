/** A reporter for `node --test`: after everything the files that took longest, which is where the time of `.ci/run` goes. */
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

const SHOWN = 15;

export default async function* slowestFiles(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const took = new Map<string, number>();
  for await (const { type, data } of events) {
    // There is one for each file, and one without a file for all of them.
    if (type === 'test:summary' && data.file !== undefined) took.set(data.file, data.duration_ms);
  }
  if (took.size < SHOWN) return;
  const slowest = [...took].toSorted(([, one], [, other]) => other - one).slice(0, SHOWN);
  yield `the slowest of ${took.size} files:\n`;
  for (const [file, ms] of slowest) yield `${(ms / 1000).toFixed(1).padStart(7)} s  ${relative('', file)}\n`;
}
