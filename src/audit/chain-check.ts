import type { ChainFile } from './chain-files.ts';
import { fits, NOTHING_BEFORE, readRecord, type ReadRecord } from './seal.ts';

/** A record of a chain, to be found again later. */
export interface SeenRecord {
  readonly seq: number;
  readonly hash: string;
}

/** Bytes at the end of files that are no record, by the file's number. */
type Torn = Readonly<Record<string, number>>;

/** Checks a chain line by line; each step says what is wrong, and after that no more is to be asked. */
export class ChainCheck {
  /** What may be so, and somebody may still want to know. */
  readonly notes: string[] = [];
  readonly #seen: SeenRecord | undefined;
  #file: ChainFile | undefined;
  #line = 0;
  #records = 0;
  #last: ReadRecord | undefined;
  /** Of files since the last header, which must tell of them. */
  #torn: Torn = {};
  /** What is no record in this file so far. */
  #rest = { bytes: 0, line: 0 };

  /** @param seen a record that somebody saw in this chain earlier */
  constructor(seen: SeenRecord | undefined) {
    this.#seen = seen;
  }

  /** To which the last words belong. */
  get line(): number {
    return this.#line;
  }

  get records(): number {
    return this.#records;
  }

  get last(): ReadRecord | undefined {
    return this.#last;
  }

  beginFile(next: ChainFile): string | undefined {
    const before = this.#file;
    this.#file = next;
    this.#line = 0;
    this.#rest = { bytes: 0, line: 0 };
    if (before === undefined) {
      if (next.number > 1)
        this.notes.push(`begins with ${next.name}; ${next.number - 1} before it are not here`);
      return undefined;
    }
    if (next.number === before.number) return `there is another file of that number: ${before.name}`;
    return next.number === before.number + 1
      ? undefined
      : `file number ${before.number + 1}, which comes before it, is missing`;
  }

  takeLine(text: string): string | undefined {
    this.#line += 1;
    const record = readRecord(text);
    if (record === undefined) {
      this.#rest = { bytes: this.#rest.bytes + text.length + 1, line: this.#rest.line || this.#line };
      return undefined;
    }
    if (this.#rest.bytes > 0) {
      this.#line = this.#rest.line;
      return 'this is no record';
    }
    const fault = this.#faultOf(record) ?? this.#faultOfHeader(record);
    if (fault !== undefined) return fault;
    if (this.#line === 1) this.#torn = {};
    this.#last = record;
    this.#records += 1;
    return undefined;
  }

  /** @param rest bytes after the file's last newline */
  endFile(rest: number): void {
    const bytes = this.#rest.bytes + rest;
    if (this.#file === undefined || (bytes === 0 && this.#line > 0)) return;
    this.#torn = { ...this.#torn, [this.#file.number]: bytes };
    this.notes.push(
      `${this.#file.name} ends with ${bytes} bytes that are no record: a write that was cut short, or is under way`,
    );
  }

  endChain(): string | undefined {
    const seq = this.#last?.seq ?? 0;
    if (this.#seen === undefined || seq >= this.#seen.seq) return undefined;
    return `ends with record ${seq}; record ${this.#seen.seq} was seen earlier`;
  }

  #faultOf(record: ReadRecord): string | undefined {
    // The first file that is there says itself what it goes on from.
    const seq = this.#last === undefined ? record.seq : this.#last.seq + 1;
    const previous = this.#last?.hash ?? String(record.fields.previous);
    if (record.seq !== seq) return `record ${record.seq} stands where record ${seq} belongs`;
    if (!fits(previous, record)) return `record ${seq} is not as it was written`;
    const seen = this.#seen;
    return record.seq === seen?.seq && record.hash !== seen.hash
      ? `record ${seq} is another one than was seen earlier`
      : undefined;
  }

  #faultOfHeader({ kind, seq, fields }: ReadRecord): string | undefined {
    if (this.#line !== 1) return undefined;
    if (kind !== 'file' || fields.chain !== this.#file?.chain || fields.number !== this.#file?.number) {
      return 'the file does not begin as its name says';
    }
    if (fields.number === 1 && (seq !== 1 || fields.previous !== NOTHING_BEFORE))
      return 'something came before it';
    const told = fields.torn as Torn;
    const number = [...Object.keys(told), ...Object.keys(this.#torn)].find(
      (each) => told[each] !== this.#torn[each],
    );
    if (number === undefined || this.#last === undefined) return undefined;
    const [then, now] = [told[number] ?? 0, this.#torn[number] ?? 0];
    return `file number ${number} ended with ${then} bytes that were no record, and now with ${now}`;
  }
}
