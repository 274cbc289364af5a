import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';

import { readChainEnd, type ChainEnd } from './chain-end.ts';
import { listChains, nameOfLock } from './chain-files.ts';
import { createChainWriter, type ChainWriter, type ChainWriterOptions } from './chain-writer.ts';
import { makeFolder, ownLikeFolder } from './make-folder.ts';

/** Processes that write to one folder at a time, at most. */
const MAX_CHAINS = 256;

/**
 * Takes a lock that ends with the process, whatever ends it.
 *
 * @returns a function that gives it back; undefined: somebody else has it
 */
export type ClaimFile = (path: string) => (() => void) | undefined;

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
  const { folder, claimFile, known } = options;
  const lock = join(folder, nameOfLock(chain));
  const isNew = !existsSync(lock);
  const giveBack = claimFile(lock);
  if (giveBack === undefined) return undefined;
  try {
    if (isNew) ownLikeFolder(lock, folder);
    const found = readChainEnd(folder, listChains(folder).get(chain) ?? []);
    const from = known?.chain === chain ? laterOf(found, known.end) : found;
    // What was cut short stays as it is; the next file tells of it.
    const mayAppend = from === found && found.number > 0 && Object.keys(found.torn).length === 0;
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

/** Where records are gone that were written, the chain goes on from them all the same, so that it shows. */
function laterOf(found: ChainEnd, known: ChainEnd): ChainEnd {
  if (found.seq >= known.seq) return found;
  const { number, day } = found.number > known.number ? found : known;
  return { ...known, number, day, torn: { ...found.torn } };
}
