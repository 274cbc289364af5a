import { createReadStream } from 'node:fs';
import { type FileHandle, open, statfs, unlink } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { LeadFileFault } from './csv.ts';

/** Bytes. What inflates to more is no list of leads. */
const LARGEST = 32 * 1024 * 1024 * 1024;

/** Bytes between two looks at the room that is left. */
const LOOK_EVERY = 16 * 1024 * 1024;
/** Bytes that stay free for others; of a small disk a tenth. */
const KEPT_FREE = 1024 * 1024 * 1024;

/** How many bytes a folder has room for. */
export type FindRoom = (folder: string) => Promise<number>;

const findRoom: FindRoom = async (folder) => {
  const { bavail, blocks, bsize } = await statfs(folder);
  return bavail * bsize - Math.min(KEPT_FREE, (blocks * bsize) / 10);
};

/** What a compressed file inflates to. @throws {LeadFileFault} it is damaged, or too much */
export async function inflate(
  path: string,
  file: FileHandle,
  signal: AbortSignal | undefined,
  roomIn = findRoom,
): Promise<FileHandle> {
  if ((await leastInflated(file)) > (await roomIn(tmpdir()))) throw noRoom(path);
  const packed = createReadStream('', { fd: file.fd, autoClose: false, start: 0 });
  const inflated = packed.pipe(createGunzip());
  packed.on('error', (cause) => inflated.destroy(cause));
  return spool(inflated, path, signal, roomIn);
}

/** Bytes, as the end of the file says (RFC 1952, ISIZE): there are 4 GiB more for each time that this overflows. */
async function leastInflated(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, Math.max(0, size - 4));
  return bytesRead === 4 ? buffer.readUInt32LE() : 0;
}

function noRoom(name: string): LeadFileFault {
  return new LeadFileFault(
    `${name} does not fit into ${tmpdir()}, where it is put while it is read; make room there, or set TMPDIR to a folder with more`,
  );
}

/**
 * Puts a stream into a file that has no name and goes away with its last use, even when the process is killed: an import
 * reads its file twice. No other user can open it. It leaves room for others.
 *
 * @throws {LeadFileFault} it is damaged or too much, or there is no room for it
 */
export async function spool(
  stream: Readable,
  name: string,
  signal: AbortSignal | undefined,
  roomIn = findRoom,
): Promise<FileHandle> {
  // It may fail before it is read below, where the failure is thrown again; unheard it would end the process.
  stream.on('error', () => undefined);
  const path = join(tmpdir(), `callercard-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  try {
    await unlink(path);
    let [size, looked] = [0, 0];
    for await (const piece of stream as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      size += piece.length;
      if (size > LARGEST) throw new LeadFileFault(`${name} has more than ${LARGEST} bytes`);
      const isDue = size - looked > LOOK_EVERY;
      if (isDue) looked = size;
      if (isDue && (await roomIn(tmpdir())) < piece.length) throw noRoom(name);
      await file.writeFile(piece);
    }
    return file;
  } catch (cause) {
    await file.close();
    const code = (cause as { code?: unknown }).code;
    if (code === 'ENOSPC') throw noRoom(name);
    if (typeof code === 'string' && code.startsWith('Z_')) {
      throw new LeadFileFault(`${name} is a damaged .gz file`, { cause });
    }
    throw cause;
  } finally {
    stream.destroy();
  }
}
