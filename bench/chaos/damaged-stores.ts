/** Stores that are truncated, flipped, empty, missing, newer or of another program: refused with a message, or served right. */
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { createApp, type App } from '../../src/app.ts';
import { StoreRefusal } from '../../src/core/store.ts';
import { openStore } from '../../src/stores/open-store.ts';
import type { SeededRandom } from '../../test/support/seeded-random.ts';
import { inject, temporaryFolder, type Answer } from '../../test/support/test-app.ts';
import { createWatchedLog } from '../../test/support/watched-log.ts';
import { createBreaches, rowOfCount, rowOfNone, type Breaches, type Chaos, type ChaosRow } from './chaos.ts';
import { folderBytes } from './folder-bytes.ts';
import { makeSoundStore, storeConfig, type SoundStore } from './sound-store.ts';
import { refuseKinds, STORE_KINDS } from './store-kinds.ts';

interface Found {
  readonly unclear: Breaches;
  readonly touched: Breaches;
  readonly wrong: Breaches;
  refused: number;
  right: number;
  /** A stored value was changed, and is answered as it stands: nothing in the file says that it was another. */
  asStored: number;
  refusedLater: number;
}

export async function damageStores(chaos: Chaos): Promise<readonly ChaosRow[]> {
  const of = () => createBreaches(chaos);
  const found = {
    unclear: of(),
    touched: of(),
    wrong: of(),
    refused: 0,
    right: 0,
    asStored: 0,
    refusedLater: 0,
  };
  const sound = await makeSoundStore();
  const kinds = await refuseKinds(sound, found);
  chaos.log(`files: ${kinds} of other kinds are refused by the command`);
  const cut = { ...found, refused: 0, right: 0, asStored: 0, refusedLater: 0 };
  for (const length of lengthsOf(sound, chaos)) {
    await judge(sound, sound.bytes.subarray(0, length), cut, `cut to ${length} bytes`);
  }
  chaos.log(`files: ${cut.refused} of ${chaos.rounds} that were cut short are refused`);
  const flipped = { ...found, refused: 0, right: 0, asStored: 0, refusedLater: 0 };
  for (let round = 1; round <= chaos.rounds; round += 1) {
    const [bytes, words] = flip(sound.bytes, chaos.random);
    await judge(sound, bytes, flipped, words);
    if (round % 50 === 0) chaos.log(`files: ${round} of ${chaos.rounds} with flipped bytes`);
  }
  return [
    rowOfCount('files of other kinds that serve refuses in one line', STORE_KINDS.length, kinds),
    rowOfCount('stores cut short, refused', chaos.rounds, cut.refused),
    rowOfFlipped(chaos, flipped),
    rowOfNone('refusals without clear words, or faults that are none', found.unclear),
    rowOfNone('refused files that were touched, or got company', found.touched),
    rowOfNone('answers with another lead, or none for one that is there', found.wrong),
  ];
}

function rowOfFlipped({ rounds }: Chaos, { refused, right, refusedLater, asStored }: Found): ChaosRow {
  const shares = `${refused} refused, ${right} right, ${refusedLater} answered 503, ${asStored} with another value as the file has it`;
  const sum = refused + right + refusedLater + asStored;
  return rowOfCount('stores with flipped bytes: refused, or the right lead', rounds, sum, shares);
}

/** Ends of pages, ends of the header, and anywhere. */
function* lengthsOf({ bytes }: SoundStore, { rounds, random }: Chaos): Generator<number> {
  const pages = bytes.length / 8_192;
  for (let round = 0; round < rounds; round += 1) {
    if (round % 4 === 0) yield 8_192 * random.below(pages);
    else if (round % 4 === 1) yield random.below(8_192);
    else yield random.below(bytes.length);
  }
}

/** One byte, some beside each other, or a whole page, become others. */
function flip(sound: Buffer, random: SeededRandom): readonly [Buffer, string] {
  const bytes = Buffer.from(sound);
  const count = random.pick([1, 1, 4, 64, 8_192]);
  const from = random.below(random.chance(0.8) ? bytes.length : 200);
  for (let at = from; at < Math.min(from + count, bytes.length); at += 1) {
    bytes[at] = (bytes[at] ?? 0) ^ (1 + random.below(255));
  }
  return [bytes, `${count} bytes flipped at ${from}`];
}

/** The lead that was asked for, whatever became of its values; or nothing at all, as the user's row is another one now. */
function isAsStored({ status, text }: Answer, expected: string): boolean {
  if (status !== 200) return false;
  if (/Invalid Username\/Password|NOT allowed to access/.test(text)) return true;
  return leadOf(text) !== undefined && leadOf(text) === leadOf(expected);
}

function leadOf(text: string): string | undefined {
  return /^\{"result":"success","lead_info":\{"lead_id":(\d+),/.exec(text)?.[1];
}

/** Opens a damaged store and asks for everybody. */
async function judge({ answers }: SoundStore, bytes: Buffer, found: Found, words: string): Promise<void> {
  const path = join(temporaryFolder(), 'damaged.db');
  writeFileSync(path, bytes);
  const before = folderBytes(dirname(path));
  const config = storeConfig(path);
  let store;
  try {
    store = openStore(config);
  } catch (cause) {
    if (!(cause instanceof StoreRefusal) || !isClearRefusal(cause.message, path)) {
      found.unclear.add(`${words}: ${String(cause)}`);
    }
    if (folderBytes(dirname(path)) !== before) found.touched.add(words);
    found.refused += 1;
    rmSync(dirname(path), { recursive: true });
    return;
  }
  const watched = createWatchedLog();
  const app = createApp(config, { store, log: watched.log });
  try {
    found[await askAll(app, answers, found, words)] += 1;
  } finally {
    await app.close();
    watched.check();
    rmSync(dirname(path), { recursive: true });
  }
}

/** One line that says which file, and what to do. */
function isClearRefusal(message: string, path: string): boolean {
  return message.includes(path) && !/\n|SQLITE_|ERR_| at .*\.ts/.test(message);
}

async function askAll(
  app: App,
  answers: SoundStore['answers'],
  found: Found,
  words: string,
): Promise<'right' | 'asStored' | 'refusedLater'> {
  let came: 'right' | 'asStored' | 'refusedLater' = 'right';
  for (const [url, text] of answers) {
    const answer = await inject(app, { method: 'GET', url });
    if (answer.status === 200 && answer.text === text) continue;
    if (answer.status === 503) {
      if (came === 'right') came = 'refusedLater';
    } else if (isAsStored(answer, text)) came = 'asStored';
    else {
      found.wrong.add(
        `${words}: ${url.replace(/.*responsetype=json&/, '')}: ${answer.status} ${answer.text}`,
      );
    }
  }
  return came;
}
