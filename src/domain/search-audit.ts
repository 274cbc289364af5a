import { lstatSync } from 'node:fs';

import { auditRowOf } from '../audit/audit-row.ts';
import type { ReadRecord } from '../audit/record.ts';
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
  let kept: ReadRecord[] = [];
  let [count, isCut] = [0, false];
  try {
    for await (const record of searchRecords(place, query, checkTime)) {
      if (record.kind === 'unrecorded') continue;
      kept.push(record);
      count += 1;
      // Not with each of them: that would move all others.
      if (kept.length >= 2 * most) kept = kept.slice(-most);
    }
  } catch (cause) {
    if (!(cause instanceof TimeOver)) throw cause;
    isCut = true;
  } finally {
    await table?.close().catch(() => undefined);
  }
  const rows = kept.slice(-most).map(auditRowOf);
  return { rows, older: count - rows.length, isCut };
}
