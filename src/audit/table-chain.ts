import type { AuditTable, StoredRecord } from '../core/audit-table.ts';
import { type ChainEnd, nameOfFile } from './chain-files.ts';
import { dayOf, fieldsOf, NO_HASH, readRecord, seal } from './record.ts';

/** Who has written nothing for so long may have ended: another process goes on with its chain. */
const IDLE_MS = 60_000;
/** Others may take a chain at the same moment. */
const ATTEMPTS = 10;

export interface TableChainOptions {
  readonly table: AuditTable;
  /** The chain that this process wrote before, and where it ended then. */
  readonly known: { readonly chain: number; readonly end: ChainEnd } | undefined;
  readonly onNewFile: (name: string, before: ChainEnd) => void;
  readonly idleMs?: number | undefined;
}

interface Claimed {
  readonly chain: number;
  readonly end: ChainEnd;
}

const BEGINNING: ChainEnd = { number: 0, day: 0, size: 0, seq: 0, hash: NO_HASH, torn: {} };

/**
 * A chain of records in a table, written like one in files (chain-writer.ts). Nobody locks it: the number of a record is there
 * once, so that of two processes with one chain the second one notices, and takes another.
 */
export function createTableChain({ table, known, onNewFile, idleMs = IDLE_MS }: TableChainOptions) {
  let claimed: Claimed | undefined;
  let waiting: { readonly fields: string; readonly at: number }[] = [];
  const lost = new Set<number>();

  /** The chain of before, one whose process has ended, or a new one. */
  async function claim(): Promise<Claimed> {
    const { ends, now } = await table.ends();
    const found = ends.map(({ chain, number, day, record }) => {
      const { seq = 0, hash = NO_HASH, at = '' } = readRecord(record) ?? {};
      return { chain, end: { ...BEGINNING, number, day, seq, hash }, at };
    });
    if (known !== undefined && known.chain > 0 && !lost.has(known.chain)) {
      const there = found.find(({ chain }) => chain === known.chain);
      // Where records are gone, as after a failover, it goes on from them, so that the gap shows.
      return there !== undefined && there.end.seq >= known.end.seq ? there : known;
    }
    const isOver = ({ chain, at }: { chain: number; at: string }) =>
      !lost.has(chain) && now - Date.parse(at) > idleMs;
    const next = found.reduce((highest, { chain }) => Math.max(highest, chain), 0) + 1;
    return found.find(isOver) ?? { chain: next, end: BEGINNING };
  }

  return {
    get chain() {
      return claimed?.chain ?? known?.chain ?? 0;
    },
    get end() {
      return claimed?.end ?? known?.end ?? BEGINNING;
    },
    /** They are in the table once `sync` has resolved. */
    write(records: readonly string[], at: number): void {
      waiting.push(...records.map((fields) => ({ fields, at })));
    },
    /** @throws what the database says */
    async sync(): Promise<void> {
      const records = waiting;
      waiting = [];
      for (let tries = 0; tries < ATTEMPTS; tries += 1) {
        const before = (claimed ??= await claim());
        const { rows, end } = sealRows(before, records);
        if ((await table.add(before.chain, rows)) === 'done') {
          claimed = { chain: before.chain, end };
          if (end.number !== before.end.number)
            onNewFile(`${table.name}, ${nameOfFile(before.chain, end.number, end.day)}`, before.end);
          return;
        }
        lost.add(before.chain);
        claimed = undefined;
      }
      throw new Error('other processes take each chain');
    },
    isIntact: () => true,
    close: () => undefined,
  };
}

/** Numbers and seals records; a day that is another one than that of the last begins another part, with a header. */
function sealRows(
  { chain, end }: Claimed,
  records: readonly { readonly fields: string; readonly at: number }[],
): { readonly rows: readonly StoredRecord[]; readonly end: ChainEnd } {
  const rows: StoredRecord[] = [];
  let { number, day, seq, hash } = end;
  const add = (fields: string) => {
    seq += 1;
    const sealed = seal(hash, seq, fields);
    ({ hash } = sealed);
    rows.push({ number, day, seq, record: sealed.line.trimEnd() });
  };
  for (const { fields, at } of records) {
    if (number === 0 || dayOf(at) !== day) {
      const previous = hash;
      [number, day] = [number + 1, dayOf(at)];
      add(fieldsOf(at, { kind: 'file', format: 1, chain, number, previous, torn: {} }));
    }
    add(fields);
  }
  return { rows, end: { ...BEGINNING, number, day, seq, hash } };
}
