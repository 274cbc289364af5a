/**
 * `npm run bench:search`: searches by words among a million people, whose names are as unevenly spread as real ones. The words of
 * a search are those of a person drawn at random, so that common ones are asked for as often as they occur. Each round has a
 * lookup by number beside it: how long the machine takes for that at the same moment. The store is made once (.bench/).
 * BENCH_LEADS and BENCH_SEARCHES in the environment make it larger or smaller.
 */
import { parseQuery } from '../src/core/query.ts';
import { searchWords } from '../src/core/search-words.ts';
import { parseTextQuery } from '../src/core/text-query.ts';
import type { ListScope } from '../src/core/lead.ts';
import { writeTable } from '../src/process/terminal.ts';
import { SeededRandom } from '../test/support/seeded-random.ts';
import { phoneOf } from './lookups/store.ts';
import { FIRST_LIST, openPeople } from './search/fill.ts';
import { People, type Person } from './search/people.ts';

const LEADS = Number(process.env.BENCH_LEADS ?? 1_000_000);
const SEARCHES = Number(process.env.BENCH_SEARCHES ?? 300);
const PAGE = { offset: 0, limit: 25 };

const { store, filled } = await openPeople(LEADS);
const { leads } = store;
if (filled !== undefined) {
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log(
    `${LEADS} leads imported in ${filled.importSeconds.toFixed(1)} s, indexed for search in ${filled.indexSeconds.toFixed(1)} s ` +
      `(longest batch ${filled.longestBatchMs.toFixed(0)} ms); the store grew from ${megabytes(filled.bytesBefore)} to ${megabytes(filled.bytesAfter)}`,
  );
}

const random = new SeededRandom('searches');
const people = new People();
const sample = Array.from({ length: 20_000 }, (_, index): Person => people.next(index + 1));
const wordsOf = ({ first, last, email, company }: Person) =>
  searchWords([first, last, email, company].join(' '));
const name = ({ first, last }: Person) => searchWords(`${first} ${last}`);
const some = (words: readonly string[], count: number) =>
  Array.from({ length: count }, () => random.pick(words)).join(' ');

/** What is asked for, of a person drawn at random. */
const KINDS: Readonly<Record<string, (person: Person, number: number) => string>> = {
  'one word': (person) => some(wordsOf(person), 1),
  'two words': (person) => some(wordsOf(person), 2),
  'four words': (person) => some(wordsOf(person), 4),
  'the whole name': (person) => name(person).join(' '),
  'the first three letters': (person) => random.pick(name(person)).slice(0, 3),
  'two beginnings': (person) =>
    `${random.pick(name(person)).slice(0, 4)} ${random.pick(name(person)).slice(0, 2)}`,
  'the commonest word': () => 'maria',
  'the two commonest words': () => 'maria hernandez',
  'a name and a number': (person, number) => `${name(person)[0] ?? ''} ${phoneOf(number)}`,
  'words of two people': (person) => `${some(wordsOf(person), 2)} ${some(wordsOf(random.pick(sample)), 2)}`,
};
const SCOPES: Readonly<Record<string, ListScope>> = {
  'every list': 'every list',
  'one list': [FIRST_LIST],
  'ten lists': Array.from({ length: 10 }, (_, index) => FIRST_LIST + index),
};

async function timed(work: () => Promise<unknown>): Promise<readonly [wall: number, cpu: number]> {
  const before = process.cpuUsage();
  const started = performance.now();
  await work();
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  return [wall, (user + system) / 1_000];
}

const at = (values: readonly number[], share: number) =>
  (
    values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN
  ).toFixed(2);

const lines: string[][] = [];
for (const [scopeName, scope] of Object.entries(SCOPES)) {
  const everyWall: number[] = [];
  for (const [kind, textOf] of Object.entries(KINDS)) {
    const [walls, cpus, controls]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < SEARCHES; round += 1) {
      const number = 1 + random.below(sample.length);
      const query = parseTextQuery(textOf(sample[number - 1] ?? random.pick(sample), number), 'q', 'MX');
      const control = parseQuery({ phoneNumber: phoneOf(1 + random.below(LEADS)) }, 'MX');
      if ('code' in query || 'code' in control) throw new Error(`a query that cannot be read: ${kind}`);
      const [wall, cpu] = await timed(
        () => leads.searchText?.(query, scope, PAGE) ?? Promise.reject(new Error('no index of words')),
      );
      const [controlWall] = await timed(() => leads.find(control, scope));
      walls.push(wall);
      everyWall.push(wall);
      cpus.push(cpu);
      controls.push(controlWall);
    }
    lines.push([
      scopeName,
      kind,
      at(walls, 0.5),
      at(walls, 0.99),
      at(cpus, 0.5),
      at(cpus, 0.99),
      at(controls, 0.99),
    ]);
  }
  lines.push([scopeName, 'all of these', at(everyWall, 0.5), at(everyWall, 0.99), '', '', '']);
}
console.log(
  writeTable(
    ['lists', 'searched', 'p50 ms', 'p99 ms', 'CPU p50 ms', 'CPU p99 ms', 'a lookup beside it, p99 ms'],
    lines,
  ),
);
await store.close();
