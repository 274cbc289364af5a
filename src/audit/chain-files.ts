import { readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';

/** One file of a chain. */
export interface ChainFile {
  readonly name: string;
  /** The UTC day on which its records were written, by the clock of then. */
  readonly day: string;
  readonly chain: number;
  /** Files of a chain are numbered from 1 without gaps. */
  readonly number: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const NAME = /^audit-(\d{4}-\d\d-\d\d)-c(\d{1,4})-(\d{6,12})\.jsonl$/;

/** `audit-2026-11-25-c1-000001.jsonl`: the day first, for people who look for one or put old ones elsewhere. */
export function nameOfFile({ day, chain, number }: Omit<ChainFile, 'name'>): string {
  return `audit-${day}-c${chain}-${String(number).padStart(6, '0')}.jsonl`;
}

/** Who holds the lock of this file writes the chain. */
export function nameOfLock(chain: number): string {
  return `chain-${chain}.lock`;
}

/** Who holds the lock of this file chooses a chain. */
export const CHOICE_LOCK = 'choice.lock';

/**
 * The files of a folder by chain, each chain's in order.
 *
 * @throws what the file system says
 */
export function listChains(folder: string): ReadonlyMap<number, readonly ChainFile[]> {
  const chains = new Map<number, ChainFile[]>();
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => isFile(folder, entry))
    .map(({ name }) => readName(name))
    .filter((file) => file !== undefined)
    .sort((one, other) => one.chain - other.chain || one.number - other.number);
  for (const file of files) {
    const known = chains.get(file.chain);
    if (known === undefined) chains.set(file.chain, [file]);
    else known.push(file);
  }
  return chains;
}

/** The UTC day of a moment, as a number that grows by one each day. */
export function dayOf(wall: number): number {
  return Math.floor(wall / DAY_MS);
}

/** `2026-11-25` */
export function nameOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Also where a link leads to one; what stands still when it is read, such as a pipe, is none. */
function isFile(folder: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isFile() === true;
}

function readName(name: string): ChainFile | undefined {
  const [, day, chain, number] = NAME.exec(name) ?? [];
  return day === undefined ? undefined : { name, day, chain: Number(chain), number: Number(number) };
}
