import { lstatSync } from 'node:fs';

import { auditRowOf } from '../audit/audit-row.ts';
import { DAY_MS, type ReadRecord } from '../audit/record.ts';
import { searchRecords } from '../audit/search.ts';
import { isAuditInDatabase, operatorAuditFolderOf } from '../config/domains.ts';
import type { Config } from '../config/settings.ts';
import type { AuditFound, AuditQuery, SearchAudit } from '../core/audit-reader.ts';
import type { Clock } from '../core/clock.ts';
import { StoreFailure } from '../core/lead-store.ts';
import { ProblemError } from '../core/problem.ts';
import { readAuditTable } from '../stores/store-schemas.ts';

/** A search that takes longer shows what it found until then. */
const LONGEST_MS = 5_000;
/** Searches of a domain at a time: each reads files, a piece after the other, while requests are answered. */
const AT_ONCE = 2;

class TimeOver extends Error {
  override readonly name = 'TimeOver';
}

/** Searches the audit of a domain for its admins. */
export function createSearchAudit(config: Config, clock: Pick<Clock, 'monotonic'>): SearchAudit {
  let running = 0;
  return async (query) => {
    if (running >= AT_ONCE) throw new ProblemError({ code: 'overloaded', retryAfterSeconds: 5 });
    running += 1;
    try {
      return await search(config, query, clock.monotonic() + LONGEST_MS, clock);
    } catch (cause) {
      throw new StoreFailure(cause);
    } finally {
      running -= 1;
    }
  };
}

async function search(
  config: Config,
  { most, ...query }: AuditQuery,
  latest: number,
  clock: Pick<Clock, 'monotonic'>,
): Promise<AuditFound> {
  const table = isAuditInDatabase(config) ? readAuditTable(config) : undefined;
  const place = table ?? operatorAuditFolderOf(config);
  // None yet: then nothing was recorded.
  if (typeof place === 'string' && lstatSync(place, { throwIfNoEntry: false }) === undefined)
    return { rows: [], older: 0, isCut: false };
  const checkTime = () => {
    if (clock.monotonic() > latest) throw new TimeOver();
  };
  const newest = createNewest(most);
  let isCut = false;
  try {
    for (const days of newestFirst(query)) {
      newest.goBack();
      for await (const record of searchRecords(place, { ...query, ...days }, checkTime)) {
        newest.add(record);
      }
    }
  } catch (cause) {
    if (!(cause instanceof TimeOver)) throw cause;
    isCut = true;
  } finally {
    await table?.close().catch(() => undefined);
  }
  const rows = newest.records().map(auditRowOf);
  return { rows, older: newest.count() - rows.length, isCut };
}

/**
 * A time in pieces, the last one first, so that a search whose time is over has found the newest. Each is twice as long as the one
 * before, because each reads a day more on both sides.
 */
export function* newestFirst({ since, until }: Pick<AuditQuery, 'since' | 'until'>) {
  let days = 1;
  for (let end = until; end > since; days *= 2) {
    const begin = Math.max(since, end - days * DAY_MS);
    yield { since: begin, until: end };
    end = begin;
  }
}

/** Keeps the newest records of a search that goes back piece by piece: each piece has its records in their order. */
function createNewest(most: number) {
  let kept: ReadRecord[] = [];
  let later: ReadRecord[] = [];
  let count = 0;
  const room = () => most - later.length;
  return {
    add(record: ReadRecord): void {
      // Its lookups cannot be told.
      if (record.kind === 'unrecorded') return;
      count += 1;
      if (room() === 0) return;
      kept.push(record);
      // Not with each of them: that would move all others.
      if (kept.length >= 2 * room()) kept = kept.slice(-room());
    },
    /** What is added next is before all that was. */
    goBack(): void {
      later = this.records();
      kept = [];
    },
    /** All that were added. */
    count: () => count,
    records: (): ReadRecord[] => (room() === 0 ? later : [...kept.slice(-room()), ...later]),
  };
}
