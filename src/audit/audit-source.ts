import { statSync } from 'node:fs';
import { join } from 'node:path';

import type { AuditRecords, DayRange, StoredPart } from '../core/audit-table.ts';
import { type ChainFile, listChains, nameOfFile, readLines } from './chain-files.ts';
import { DAY_MS } from './record.ts';

/** An audit to read: a folder, or the records of a table. */
export type AuditPlace = string | AuditRecords;

/** Its chains, and what is in each of their files; in a table, those are its parts. */
export interface AuditSource {
  readonly chains: ReadonlyMap<number, readonly ChainFile[]>;
  readonly bytesOf: (file: ChainFile) => number;
  /** As `readLines`. */
  readonly lines: (file: ChainFile) => ReturnType<typeof readLines>;
}

/**
 * @param days a table is asked for the parts of these days alone; the names of a folder's files are all there
 * @throws what the file system or the database says
 */
export async function openSource(place: AuditPlace, days?: DayRange): Promise<AuditSource> {
  if (typeof place !== 'string') return sourceOfTable(place, days);
  return {
    chains: listChains(place),
    bytesOf: ({ name }) => statSync(join(place, name)).size,
    lines: ({ name }) => readLines(join(place, name)),
  };
}

export function nameOfPlace(place: AuditPlace): string {
  return typeof place === 'string' ? place : place.name;
}

async function sourceOfTable(table: AuditRecords, days?: DayRange): Promise<AuditSource> {
  const parts = new Map<ChainFile, StoredPart>();
  for (const part of await table.parts(days)) {
    const { chain, number, day } = part;
    const name = nameOfFile(chain, number, day);
    parts.set({ name, day: new Date(day * DAY_MS).toISOString().slice(0, 10), chain, number }, part);
  }
  const partOf = (file: ChainFile): StoredPart => {
    const part = parts.get(file);
    if (part === undefined) throw new Error(`${file.name} is not in ${table.name}`);
    return part;
  };
  return {
    chains: Map.groupBy(parts.keys(), ({ chain }) => chain),
    bytesOf: (file) => partOf(file).bytes,
    async *lines(file) {
      let bytes = 0;
      for await (const records of table.records(partOf(file))) {
        bytes += records.reduce((sum, record) => sum + record.length + 1, 0);
        yield { lines: [...records], bytes, rest: 0 };
      }
    },
  };
}
