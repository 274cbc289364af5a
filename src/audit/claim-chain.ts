import { accessSync, constants, existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';

import { makeFile, makeFolder } from '../files/folders.ts';
import { type ChainEnd, listChains, readChainEnd } from './chain-files.ts';
import { ChainWriter, type ChainWriterOptions } from './chain-writer.ts';

/** The most processes that write to one folder at a time. */
const MAX_CHAINS = 256;

/** Whoever holds this lock chooses a chain. */
const CHOICE_LOCK = 'choice.lock';
/** Choosing takes some milliseconds; a process that takes longer hangs. */
const CHOICE_MS = 2_000;

/**
 * Locks a file that exists. The lock ends with the process, whatever ends that.
 *
 * @param waitMs how long to wait for another process
 * @returns a function that unlocks it; undefined: another process has the lock
 */
export type ClaimFile = (path: string, waitMs?: number) => (() => void) | undefined;

interface ClaimOptions extends Omit<ChainWriterOptions, 'chain' | 'end' | 'mayAppend' | 'unlock'> {
  readonly claimFile: ClaimFile;
  /** The chain that this process wrote before, and where it ended then. */
  readonly known: { readonly chain: number; readonly end: ChainEnd } | undefined;
}

/**
 * Claims the first chain that nobody writes. Each process has a chain of its own, and one that starts goes on with the
 * chain of one that has exited, so that there are never more chains than processes at a time.
 *
 * @throws what the file system says
 */
export function claimChain(options: ClaimOptions): ChainWriter {
  const { folder } = options;
  makeFolder(folder, 0o700);
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  const unlock = lockChoice(options);
  try {
    return claimFirst(options);
  } finally {
    unlock?.();
  }
}

/** Two processes that try a chain at once could both find it locked and begin needless ones. */
function lockChoice(options: ClaimOptions): (() => void) | undefined {
  try {
    return lock(CHOICE_LOCK, options, CHOICE_MS);
  } catch {
    // A needless chain does no harm.
    return undefined;
  }
}

function claimFirst(options: ClaimOptions): ChainWriter {
  let failure: unknown = new Error('too many processes write there');
  for (let chain = 1; chain <= MAX_CHAINS; chain += 1) {
    try {
      const writer = tryChain(chain, options);
      if (writer !== undefined) return writer;
    } catch (cause) {
      // Such as files of another user, which that user's processes go on with.
      failure = cause;
      if (!existsSync(join(options.folder, lockName(chain)))) break;
    }
  }
  throw failure;
}

function tryChain(chain: number, options: ClaimOptions): ChainWriter | undefined {
  const { folder, known } = options;
  const unlock = lock(lockName(chain), options);
  if (unlock === undefined) return undefined;
  try {
    const files = listChains(folder).get(chain) ?? [];
    const found = readChainEnd(folder, files);
    const end = known?.chain === chain ? laterOf(found, known.end) : found;
    // A torn file stays as it is, and the next one records it. Links are never written through.
    const isWhole = end === found && Object.keys(found.torn).length === 0;
    const last = files.at(-1);
    const mayAppend = isWhole && last !== undefined && !lstatSync(join(folder, last.name)).isSymbolicLink();
    return new ChainWriter({ ...options, chain, end, mayAppend, unlock });
  } catch (cause) {
    unlock();
    throw cause;
  }
}

/** Whoever holds the lock of this file writes the chain. */
function lockName(chain: number): string {
  return `chain-${chain}.lock`;
}

function lock(name: string, { folder, claimFile }: ClaimOptions, waitMs?: number): (() => void) | undefined {
  const path = join(folder, name);
  makeFile(path);
  return claimFile(path, waitMs);
}

/** Where written records are gone, the chain still goes on from them, so that the gap shows. */
function laterOf(found: ChainEnd, known: ChainEnd): ChainEnd {
  if (found.seq >= known.seq) return found;
  const { number, day } = found.number > known.number ? found : known;
  return { ...known, number, day, torn: { ...found.torn } };
}
