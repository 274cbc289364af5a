/**
 * `npm run fuzz -- --seconds 60`: sends what clients of the documented API may and may not send, over bare connections, and
 * checks the server: no 5xx but 503, no leaks, well-formed JSON and XML, answers in order, good requests answered right
 * all the while, memory that does not grow. Exits with 1 where one of these fails; then
 * `npm run fuzz -- --seed SEED --case NUMBER` sends that case again.
 */
import { parseArgs } from 'node:util';

import { fuzz, tryCase, type FuzzFigures } from '../test/attacks/fuzz/fuzz.ts';
import { makeCase } from '../test/attacks/fuzz/fuzz-case.ts';
import { FUZZ_STORES, startFuzzTarget, type FuzzStore } from '../test/attacks/fuzz/fuzz-target.ts';
import { escapeBytes } from '../test/attacks/fuzz/escape-bytes.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: new Date().toISOString() },
    store: { type: 'string' },
    case: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const { seed, json } = values;
const seconds = Number(values.seconds);
const stores = FUZZ_STORES.filter((store) => values.store === undefined || store === values.store);
if (!(seconds > 0) || stores.length === 0) {
  process.stderr.write(
    `usage: npm run fuzz -- [--seconds N] [--seed S] [--store ${FUZZ_STORES.join('|')}] [--case N] [--json]\n`,
  );
  process.exit(2);
}

for (const store of stores) {
  const isGood = values.case === undefined ? await run(store) : await replay(store, Number(values.case));
  if (!isGood) process.exitCode = 1;
}

/** Both stores share the time. */
async function run(store: FuzzStore): Promise<boolean> {
  const target = await startFuzzTarget(store);
  let figures: FuzzFigures;
  try {
    figures = await fuzz(target, { seed, seconds: seconds / stores.length });
  } finally {
    await target.stop();
  }
  const { failure, ...rest } = figures;
  if (json) {
    const printable = failure && {
      ...failure,
      sent: failure.sent?.toString('latin1'),
      shrunk: failure.shrunk?.toString('latin1'),
    };
    process.stdout.write(
      `${JSON.stringify({ store, seed, seconds: seconds / stores.length, ...rest, failure: printable ?? null })}\n`,
    );
  } else {
    process.stdout.write(wordsOf(store, figures));
  }
  return failure === undefined;
}

function wordsOf(
  store: FuzzStore,
  { cases, answers, found, statuses, busy, watched, grownMib, failure }: FuzzFigures,
): string {
  const byStatus = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`);
  const lines = [
    `${store}, seed ${seed}: ${cases} cases, ${answers} answers (${byStatus.join(', ')}), ${found} with a lead`,
    `  ${watched} good requests in between, ${busy} times busy, memory ${grownMib === undefined ? 'unknown' : `${grownMib >= 0 ? '+' : ''}${grownMib} MiB since it was warm`}`,
  ];
  if (failure === undefined) return `${[...lines, '  nothing was found'].join('\n')}\n`;
  const { number, words, fault, sent, shrunk } = failure;
  if (number === undefined) return `${[...lines, `  FOUND: ${fault}`].join('\n')}\n`;
  return `${[
    ...lines,
    `  FOUND by case ${number} (${words}): ${fault}`,
    `  again: npm run fuzz -- --store ${store} --seed ${seed} --case ${number}`,
    ...(sent === undefined ? [] : ['--- sent', escapeBytes(sent)]),
    ...(shrunk === undefined ? [] : ['--- as little as still fails', escapeBytes(shrunk)]),
  ].join('\n')}\n`;
}

async function replay(store: FuzzStore, number: number): Promise<boolean> {
  const target = await startFuzzTarget(store);
  try {
    const made = makeCase(seed, number);
    process.stdout.write(
      `${store}, case ${number} (${made.words})\n${escapeBytes(Buffer.concat(made.pieces))}\n`,
    );
    const { fault, came } = await tryCase(target, made);
    for (const { status, text } of came.answers) process.stdout.write(`--- ${status}\n${text}\n`);
    process.stdout.write(
      fault === undefined ? '--- nothing is wrong with it alone\n' : `--- FOUND: ${fault}\n`,
    );
    return fault === undefined;
  } finally {
    await target.stop();
  }
}
