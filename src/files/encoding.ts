import { isUtf8 } from 'node:buffer';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/**
 * The byte order mark at the beginning of a file, with its length in bytes. Excel: "CSV UTF-8" has the first one, "Unicode
 * text" the second one.
 */
export function readByteOrderMark(
  head: Buffer,
): { readonly encoding: Encoding; readonly bytes: number } | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', bytes: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', bytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', bytes: 2 };
  return undefined;
}

/** Turns a file's bytes, piece by piece, into UTF-8; `last` flushes a character that the file cuts off. */
export function createDecoder(encoding: Encoding): (bytes: Buffer, last: boolean) => Buffer {
  if (encoding === 'utf-8') return (bytes) => bytes;
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return (bytes, last) => Buffer.from(decoder.decode(bytes, { stream: !last }));
}

/** Makes each CR a LF and each LF a CR, in place: a file whose lines end in CR is then read like any other. */
export function swapLineEnds(bytes: Buffer): Buffer {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === 0x0d) bytes[at] = 0x0a;
    else if (bytes[at] === 0x0a) bytes[at] = 0x0d;
  }
  return bytes;
}

/** Finds out, piece by piece, whether bytes are UTF-8. */
export class Utf8Check {
  /** The last character of the pieces so far, which may go on in the next one. */
  #rest: Buffer = Buffer.alloc(0);
  #valid = true;

  add(bytes: Buffer): void {
    if (!this.#valid) return;
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = lastCharacter(all);
    this.#valid = isUtf8(all.subarray(0, end));
    this.#rest = Buffer.from(all.subarray(end));
  }

  /** After the last piece: a character that is cut off is no UTF-8. */
  finish(): boolean {
    return this.#valid && isUtf8(this.#rest);
  }
}

/** Where the last character begins, unless it is ASCII or does not begin in the last four bytes: then the length. */
function lastCharacter(bytes: Buffer): number {
  if ((bytes.at(-1) ?? 0) < 0x80) return bytes.length;
  const isWithin = (byte: number) => (byte & 0xc0) === 0x80;
  const at = bytes.subarray(-4).findLastIndex((byte) => !isWithin(byte));
  return at < 0 ? bytes.length : Math.max(0, bytes.length - 4) + at;
}
