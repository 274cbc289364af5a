import { isUtf8 } from 'node:buffer';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** A byte order mark at the beginning of a file. */
export interface ByteOrderMark {
  readonly encoding: Encoding;
  readonly bytes: number;
}

/** Excel: "CSV UTF-8" has the first one, "Unicode text" the second one. */
export function readByteOrderMark(head: Buffer): ByteOrderMark | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', bytes: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', bytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', bytes: 2 };
  return undefined;
}

/** Turns a file's bytes, piece by piece, into UTF-8; `last` flushes a character that the file cuts off. */
export type Decoder = (bytes: Buffer, last: boolean) => Buffer;

export function createDecoder(encoding: Encoding): Decoder {
  if (encoding === 'utf-8') return (bytes) => bytes;
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return (bytes, last) => Buffer.from(decoder.decode(bytes, { stream: !last }));
}

/** Tells, piece by piece, whether bytes are UTF-8. */
export class Utf8Check {
  #rest: Buffer = Buffer.alloc(0);
  #valid = true;

  add(bytes: Buffer): void {
    if (!this.#valid) return;
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = lastBoundary(all);
    this.#valid = isUtf8(all.subarray(0, end));
    this.#rest = Buffer.from(all.subarray(end));
  }

  /** After the last piece: a character that is cut off is no UTF-8. */
  finish(): boolean {
    return this.#valid && this.#rest.length === 0;
  }
}

/** Where the last, perhaps unfinished, character begins; the length when the last byte ends one. */
function lastBoundary(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < wanted ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}
