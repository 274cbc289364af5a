import { type AuditPlace, type AuditSource, openSource } from './audit-source.ts';
import type { ChainFile } from './chain-files.ts';
import { isSealed, NO_HASH, readRecord, type ReadRecord, type TornBytes } from './record.ts';

/** A record of a chain, to be recognised later. */
export interface SeenRecord {
  readonly seq: number;
  readonly hash: string;
}

/** The last record of each chain, as an earlier verification saw it. */
export type SeenRecords = ReadonlyMap<number, SeenRecord>;

/** The result for one chain. */
export interface ChainReport {
  readonly chain: number;
  readonly files: number;
  /** Sound records, up to the first bad one. */
  readonly records: number;
  readonly last: (SeenRecord & { readonly at: string }) | undefined;
  /** Findings that are no fault. */
  readonly notes: readonly string[];
  /** The first record that is not as it was written. */
  readonly bad: { readonly file: string; readonly line: number; readonly why: string } | undefined;
}

/**
 * Verifies every chain of an audit.
 *
 * @param onRead notified of how many bytes and records were read so far
 * @throws what the file system says
 */
export async function* verifyChains(
  place: AuditPlace,
  seen: SeenRecords,
  onRead: (bytes: number, records: number) => void,
): AsyncGenerator<ChainReport> {
  const source = await openSource(place);
  const { chains } = source;
  const numbers = new Set([...chains.keys(), ...seen.keys()]);
  let [bytes, records] = [0, 0];
  for (const chain of [...numbers].sort((one, other) => one - other)) {
    const files = chains.get(chain) ?? [];
    const check = new ChainCheck(seen.get(chain));
    const before = records;
    const bad = await verifyChain(source, files, check, (more) => {
      bytes += more;
      onRead(bytes, before + check.records);
    });
    records += check.records;
    yield { chain, files: files.length, records: check.records, last: check.last, notes: check.notes, bad };
  }
}

async function verifyChain(
  source: AuditSource,
  files: readonly ChainFile[],
  check: ChainCheck,
  onRead: (bytes: number) => void,
): Promise<ChainReport['bad']> {
  for (const file of files) {
    const why = await verifyFile(source, file, check, onRead);
    if (why !== undefined) return { file: file.name, line: Math.max(1, check.line), why };
  }
  const why = check.endChain();
  return why === undefined ? undefined : { file: files.at(-1)?.name ?? '', line: check.line, why };
}

async function verifyFile(
  source: AuditSource,
  file: ChainFile,
  check: ChainCheck,
  onRead: (bytes: number) => void,
): Promise<string | undefined> {
  const why = check.beginFile(file);
  if (why !== undefined) return why;
  let [read, rest] = [0, 0];
  for await (const piece of source.lines(file)) {
    for (const line of piece.lines) {
      const fault = check.takeLine(line);
      if (fault !== undefined) return fault;
    }
    onRead(piece.bytes - read);
    [read, rest] = [piece.bytes, piece.rest];
  }
  check.endFile(rest);
  return undefined;
}

/** Checks a chain line by line. Each step returns what is wrong; the check ends there. */
class ChainCheck {
  readonly notes: string[] = [];
  /** The line that is read; at the end, that of the fault. */
  line = 0;
  records = 0;
  readonly #seen: SeenRecord | undefined;
  #file: ChainFile | undefined;
  #last: ReadRecord | undefined;
  /** The first record that is here, and the hash of the one before it. */
  #first: { readonly seq: number; readonly previous: string } | undefined;
  /** Of the files since the last header; the next header must say the same. */
  #torn: TornBytes = {};
  /** Bytes of this file that are no record, and the line where they begin. */
  #rest = { bytes: 0, line: 0 };

  /** @param seen a record of this chain that an earlier verification saw */
  constructor(seen: SeenRecord | undefined) {
    this.#seen = seen;
  }

  get last(): ChainReport['last'] {
    if (this.#last === undefined) return undefined;
    const { seq, hash, at } = this.#last;
    return { seq, hash, at };
  }

  beginFile(next: ChainFile): string | undefined {
    const before = this.#file;
    this.#file = next;
    this.line = 0;
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
    this.line += 1;
    const record = readRecord(text);
    if (record === undefined) {
      this.#rest = { bytes: this.#rest.bytes + text.length + 1, line: this.#rest.line || this.line };
      return undefined;
    }
    if (this.#rest.bytes > 0) {
      this.line = this.#rest.line;
      return 'this is no record';
    }
    const fault = this.#faultOf(record) ?? this.#faultOfHeader(record);
    if (fault !== undefined) return fault;
    if (this.line === 1) this.#torn = {};
    this.#first ??= { seq: record.seq, previous: String(record.fields.previous) };
    this.#last = record;
    this.records += 1;
    return undefined;
  }

  /** @param rest bytes after the file's last newline */
  endFile(rest: number): void {
    const bytes = this.#rest.bytes + rest;
    if (this.#file === undefined || (bytes === 0 && this.line > 0)) return;
    this.#torn = { ...this.#torn, [this.#file.number]: bytes };
    this.notes.push(
      `${this.#file.name} ends with ${bytes} bytes that are no record: a write that was cut short, or is in progress`,
    );
  }

  endChain(): string | undefined {
    const [seen, first] = [this.#seen, this.#first];
    if (seen === undefined) return undefined;
    // A chain that begins right after that record has its hash, so nothing is missing between the two.
    const follows = first?.seq === seen.seq + 1 && first.previous === seen.hash;
    if (first !== undefined && first.seq > seen.seq && !follows) {
      return `begins with record ${first.seq}; record ${seen.seq} was seen earlier and is not here, so what came after it may be missing`;
    }
    const seq = this.#last?.seq ?? 0;
    if (seq >= seen.seq) return undefined;
    return `ends with record ${seq}; record ${seen.seq} was seen earlier`;
  }

  #faultOf(record: ReadRecord): string | undefined {
    // The first file's header says what the file follows.
    const seq = this.#last === undefined ? record.seq : this.#last.seq + 1;
    const previous = this.#last?.hash ?? String(record.fields.previous);
    if (record.seq !== seq) return `record ${record.seq} stands where record ${seq} belongs`;
    if (!isSealed(previous, record)) return `record ${seq} is not as it was written`;
    const seen = this.#seen;
    return record.seq === seen?.seq && record.hash !== seen.hash
      ? `record ${seq} is another one than was seen earlier`
      : undefined;
  }

  #faultOfHeader({ kind, seq, fields }: ReadRecord): string | undefined {
    if (this.line !== 1) return undefined;
    if (kind !== 'file' || fields.chain !== this.#file?.chain || fields.number !== this.#file?.number) {
      return 'the file does not begin as its name says';
    }
    if (fields.number === 1 && (seq !== 1 || fields.previous !== NO_HASH)) return 'something came before it';
    if (this.#last === undefined) return undefined;
    const written = fields.torn as TornBytes;
    const number = [...Object.keys(written), ...Object.keys(this.#torn)].find(
      (each) => written[each] !== this.#torn[each],
    );
    if (number === undefined) return undefined;
    const [then, now] = [written[number] ?? 0, this.#torn[number] ?? 0];
    return `file number ${number} ended with ${then} bytes that were no record, and now with ${now}`;
  }
}
