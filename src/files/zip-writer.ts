import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw } from 'node:zlib';

/** Sizes in a zip file have 32 bits; beyond that it needs an extension that not every program reads. */
const LARGEST = 0xffff_ffff;

/** Bits of an entry: its sizes come behind it; its name is UTF-8. */
const FLAGS = 0x0808;
const DEFLATE = 8;
/** 1 January 1980, 0:00: the same content makes the same file. */
const TIME = 0x0021_0000;

interface Written {
  readonly name: Buffer;
  readonly offset: number;
  crc: number;
  packed: number;
  size: number;
}

/** Writes a zip file (PKWARE APPNOTE) front to back, one entry after the other, without keeping any of it. */
export class ZipWriter {
  readonly #entries: Written[] = [];
  #offset = 0;

  /**
   * @param content UTF-8 when it is written
   * @yields the bytes of the entry
   * @throws {RangeError} the file would have more than 4 GB, or one of its entries
   */
  async *add(name: string, content: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Buffer> {
    const entry: Written = { name: Buffer.from(name), offset: this.#offset, crc: 0, packed: 0, size: 0 };
    this.#entries.push(entry);
    yield this.#count(Buffer.concat([fields('PK\x03\x04', [2, 20], ...this.#common(entry)), entry.name]));
    const deflate = createDeflateRaw();
    const feeding = pipeline(Readable.from(encoded(content, entry), { objectMode: true }), deflate);
    // What goes wrong in it comes out of the loop, too.
    feeding.catch(() => undefined);
    for await (const piece of deflate as AsyncIterable<Buffer>) {
      entry.packed += piece.length;
      yield this.#count(piece);
    }
    await feeding;
    yield this.#count(fields('PK\x07\x08', [4, entry.crc], [4, entry.packed], [4, entry.size]));
  }

  /** @returns the directory, with which the file ends */
  end(): Buffer {
    const start = this.#offset;
    const entries = this.#entries.map((entry) =>
      Buffer.concat([
        fields(
          'PK\x01\x02',
          [2, 20],
          [2, 20],
          ...this.#common(entry),
          [2, 0],
          [2, 0],
          [2, 0],
          [4, 0],
          [4, entry.offset],
        ),
        entry.name,
      ]),
    );
    const size = entries.reduce((sum, { length }) => sum + length, 0);
    const count = this.#entries.length;
    return Buffer.concat([
      ...entries,
      fields('PK\x05\x06', [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, start], [2, 0]),
    ]);
  }

  /** What an entry has at its own place and in the directory. */
  #common({ name, crc, packed, size }: Written): readonly Field[] {
    return [
      [2, FLAGS],
      [2, DEFLATE],
      [4, TIME],
      [4, crc],
      [4, packed],
      [4, size],
      [2, name.length],
      [2, 0],
    ];
  }

  #count(bytes: Buffer): Buffer {
    this.#offset += bytes.length;
    if (this.#offset > LARGEST) throw new RangeError('more than 4 GB in a zip file');
    return bytes;
  }
}

async function* encoded(
  content: Iterable<string> | AsyncIterable<string>,
  entry: Written,
): AsyncGenerator<Buffer> {
  for await (const text of content) {
    const bytes = Buffer.from(text);
    entry.crc = crc32(bytes, entry.crc);
    entry.size += bytes.length;
    if (entry.size > LARGEST) throw new RangeError('more than 4 GB in an entry of a zip file');
    yield bytes;
  }
}

type Field = readonly [bytes: 2 | 4, value: number];

/** Numbers as zip files have them: little endian. */
function fields(signature: string, ...values: readonly Field[]): Buffer {
  const numbers = values.map(([bytes, value]) => {
    const field = Buffer.alloc(bytes);
    field.writeUIntLE(value, 0, bytes);
    return field;
  });
  return Buffer.concat([Buffer.from(signature, 'latin1'), ...numbers]);
}
