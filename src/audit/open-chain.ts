import { accessSync, constants, existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';

import { readChainEnd, type ChainEnd } from './chain-end.ts';
import { CHOICE_LOCK, listChains, nameOfLock } from './chain-files.ts';
import { createChainWriter, type ChainWriter, type ChainWriterOptions } from './chain-writer.ts';
import { makeFile, makeFolder } from './make-folder.ts';

/** Processes that write to one folder at a time, at most. */
const MAX_CHAINS = 256;

/** Choosing takes some milliseconds; whoever takes longer stands still, and is not waited for. */
const CHOICE_MS = 2_000;

/**
 * Takes the lock of a file that is there. It ends with the process, whatever ends that.
 *
 * @param waitMs how long to wait for somebody else
 * @returns a function that gives it back; undefined: somebody else has it
 */
export type ClaimFile = (path: string, waitMs?: number) => (() => void) | undefined;

/** A chain that this process writes, alone. */
export interface OpenChain {
  readonly chain: number;
  readonly writer: ChainWriter;
  /** Closes the writer and lets others go on with the chain. */
  release(): void;
}

export interface OpenChainOptions extends Omit<ChainWriterOptions, 'chain' | 'from' | 'mayAppend'> {
  readonly claimFile: ClaimFile;
  /** The chain that this process wrote before, and where it stood then. */
  readonly known: { readonly chain: number; readonly end: ChainEnd } | undefined;
}

/**
 * Goes on with the first chain that nobody writes: each process has one of its own, and a process that starts goes on
 * with that of one which ended, so that there are no more chains than there ever were processes at a time.
 *
 * @throws what the file system says
 */
export function openChain(options: OpenChainOptions): OpenChain {
  const { folder } = options;
  makeFolder(folder);
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  const endChoice = beginChoice(options);
  try {
    return chooseChain(options);
  } finally {
    endChoice?.();
  }
}

/** One at a time: two that try a chain in the same moment could both find it taken, and begin needless ones. */
function beginChoice(options: OpenChainOptions): (() => void) | undefined {
  try {
    return claim(CHOICE_LOCK, options, CHOICE_MS);
  } catch {
    // Needless chains are no harm; no audit would be.
    return undefined;
  }
}

function chooseChain(options: OpenChainOptions): OpenChain {
  const { folder } = options;
  let failure: unknown = new Error('too many processes write there');
  for (let chain = 1; chain <= MAX_CHAINS; chain += 1) {
    try {
      const opened = tryChain(chain, options);
      if (opened !== undefined) return opened;
    } catch (cause) {
      // Such as files of another user, which that user's processes go on with.
      failure = cause;
      if (!existsSync(join(folder, nameOfLock(chain)))) break;
    }
  }
  throw failure;
}

function tryChain(chain: number, options: OpenChainOptions): OpenChain | undefined {
  const { folder, known } = options;
  const giveBack = claim(nameOfLock(chain), options);
  if (giveBack === undefined) return undefined;
  try {
    const files = listChains(folder).get(chain) ?? [];
    const found = readChainEnd(folder, files);
    const from = known?.chain === chain ? laterOf(found, known.end) : found;
    // What was cut short stays as it is; the next file tells of it. Nor is anything written where a link leads.
    const isWhole = from === found && Object.keys(found.torn).length === 0;
    const last = files.at(-1);
    const mayAppend = isWhole && last !== undefined && !lstatSync(join(folder, last.name)).isSymbolicLink();
    const writer = createChainWriter({ ...options, chain, from, mayAppend });
    return {
      chain,
      writer,
      release() {
        writer.close();
        giveBack();
      },
    };
  } catch (cause) {
    giveBack();
    throw cause;
  }
}

function claim(
  name: string,
  { folder, claimFile }: OpenChainOptions,
  waitMs?: number,
): (() => void) | undefined {
  const lock = join(folder, name);
  makeFile(lock);
  return claimFile(lock, waitMs);
}

/** Where records are gone that were written, the chain goes on from them all the same, so that it shows. */
function laterOf(found: ChainEnd, known: ChainEnd): ChainEnd {
  if (found.seq >= known.seq) return found;
  const { number, day } = found.number > known.number ? found : known;
  return { ...known, number, day, torn: { ...found.torn } };
}
