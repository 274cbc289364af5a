import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import yauzl, { type Entry } from 'yauzl';

import { LeadFileFault } from './csv.ts';

/** A workbook has some dozen; more are none of a workbook. */
const MAX_ENTRIES = 10_000;

/** The entries of a zip file. Its disposal leaves the file open. */
export interface ZipArchive {
  readonly entries: ReadonlyMap<string, Entry>;
  /** @param limit bytes of its content at most; @throws {LeadFileFault} it has more, or another size than the file says */
  readonly read: (entry: Entry, limit: number) => Promise<Readable>;
}

/** @throws {LeadFileFault} it is no zip file, or a damaged one */
export async function openZip(handle: FileHandle, name: string): Promise<ZipArchive> {
  try {
    // Sizes are checked while an entry is read: one that inflates to more than it says ends with an error.
    const zip = await yauzl.fromFdPromise(handle.fd, { autoClose: false, validateEntrySizes: true });
    if (zip.entryCount > MAX_ENTRIES) throw new Error(`${zip.entryCount} files in it`);
    const entries = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName.replace(/^\//, ''), entry);
    return {
      entries,
      read: async (entry, limit) => {
        if (entry.isEncrypted()) throw encryptedFault(name);
        if (entry.uncompressedSize > limit) {
          throw new LeadFileFault(
            `${name} has ${entry.uncompressedSize} bytes in ${entry.fileName}; split it into files`,
          );
        }
        return zip.openReadStreamPromise(entry);
      },
    };
  } catch (cause) {
    throw new LeadFileFault(`${name} is damaged, or no workbook (${(cause as Error).message})`, { cause });
  }
}

/** Of a workbook that needs a password. */
export function encryptedFault(name: string): LeadFileFault {
  return new LeadFileFault(
    `${name} is protected by a password; save it without one, or as "CSV UTF-8", and import that file`,
  );
}
