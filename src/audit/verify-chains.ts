import { join } from 'node:path';

import { ChainCheck, type SeenRecord } from './chain-check.ts';
import { listChains, type ChainFile } from './chain-files.ts';
import { readLines } from './read-lines.ts';

/** What became of the check of one chain. */
export interface ChainReport {
  readonly chain: number;
  readonly files: number;
  /** Records that are sound; where one is bad, those before it. */
  readonly records: number;
  readonly last: (SeenRecord & { readonly at: string }) | undefined;
  readonly notes: readonly string[];
  /** The first thing that is not as it was written. */
  readonly bad: { readonly file: string; readonly line: number; readonly why: string } | undefined;
}

/** The last record of each chain, as somebody saw it earlier. */
export type SeenRecords = ReadonlyMap<number, SeenRecord>;

/**
 * Checks every chain of a folder.
 *
 * @param onRead told how many bytes and records were read
 * @throws what the file system says
 */
export async function* verifyChains(
  folder: string,
  seen: SeenRecords,
  onRead: (bytes: number, records: number) => void,
): AsyncGenerator<ChainReport> {
  const chains = listChains(folder);
  const numbers = new Set([...chains.keys(), ...seen.keys()]);
  let [readBytes, readRecords] = [0, 0];
  for (const chain of [...numbers].sort((one, other) => one - other)) {
    const files = chains.get(chain) ?? [];
    const { bytes: ofChain, ...report } = await verifyChain(
      folder,
      chain,
      files,
      seen.get(chain),
      (bytes, records) => {
        onRead(readBytes + bytes, readRecords + records);
      },
    );
    readBytes += ofChain;
    readRecords += report.records;
    yield report;
  }
}

async function verifyChain(
  folder: string,
  chain: number,
  files: readonly ChainFile[],
  seen: SeenRecord | undefined,
  onRead: (bytes: number, records: number) => void,
): Promise<ChainReport & { readonly bytes: number }> {
  const check = new ChainCheck(seen);
  let bytes = 0;
  let bad: ChainReport['bad'];
  for (const file of files) {
    const before = bytes;
    const why = await verifyFile(folder, file, check, (ofFile) => {
      bytes = before + ofFile;
      onRead(bytes, check.records);
    });
    if (why === undefined) continue;
    bad = { file: file.name, line: Math.max(1, check.line), why };
    break;
  }
  const why = bad === undefined ? check.endChain() : undefined;
  if (why !== undefined) bad = { file: files.at(-1)?.name ?? '', line: check.line, why };
  const { records, last, notes } = check;
  return {
    chain,
    files: files.length,
    records,
    last: last === undefined ? undefined : { seq: last.seq, hash: last.hash, at: last.at },
    notes,
    bad,
    bytes,
  };
}

async function verifyFile(
  folder: string,
  file: ChainFile,
  check: ChainCheck,
  onRead: (bytes: number) => void,
): Promise<string | undefined> {
  let why = check.beginFile(file);
  let rest = 0;
  for await (const piece of readLines(join(folder, file.name))) {
    for (const line of piece.lines) {
      why ??= check.takeLine(line);
      if (why !== undefined) return why;
    }
    onRead(piece.bytes);
    ({ rest } = piece);
  }
  if (why === undefined) check.endFile(rest);
  return why;
}
