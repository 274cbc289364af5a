import { createReadStream } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { LeadFileFault } from './csv.ts';

/** Bytes. What inflates to more is no list of leads. */
const LARGEST = 32 * 1024 * 1024 * 1024;

/** What a compressed file inflates to. @throws {LeadFileFault} it is damaged, or too much */
export function inflate(
  path: string,
  file: FileHandle,
  signal: AbortSignal | undefined,
): Promise<FileHandle> {
  const packed = createReadStream('', { fd: file.fd, autoClose: false, start: 0 });
  const inflated = packed.pipe(createGunzip());
  packed.on('error', (cause) => inflated.destroy(cause));
  return spool(inflated, path, signal);
}

/**
 * Puts a stream into a file that has no name and goes away with its last use, even when the process is killed: an import
 * reads its file twice. No other user can open it.
 */
export async function spool(
  stream: Readable,
  name: string,
  signal: AbortSignal | undefined,
): Promise<FileHandle> {
  const path = join(tmpdir(), `callercard-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  try {
    await unlink(path);
    let size = 0;
    for await (const piece of stream as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      size += piece.length;
      if (size > LARGEST) throw new LeadFileFault(`${name} has more than ${LARGEST} bytes`);
      await file.writeFile(piece);
    }
    return file;
  } catch (cause) {
    await file.close();
    const code = (cause as { code?: unknown }).code;
    if (typeof code === 'string' && code.startsWith('Z_')) {
      throw new LeadFileFault(`${name} is a damaged .gz file`, { cause });
    }
    throw cause;
  } finally {
    stream.destroy();
  }
}
