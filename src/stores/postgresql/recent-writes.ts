import { userIdentity } from '../../auth/lockout.ts';
import { BoundedMap } from '../../core/bounded-map.ts';
import type { RecordStore } from '../../core/record-store.ts';
import type { Database } from './database.ts';
import { STALE_MS } from './freshness.ts';

const USERS = 10_000;

export type RecentWrites = ReturnType<typeof createRecentWrites>;

/** Who has written something in this process lately: no replica is sure to show it before STALE_MS have passed. */
export function createRecentWrites() {
  const users = new BoundedMap<string, number>(USERS);
  let last = -Infinity;

  /** Also where it failed: the answer may have been lost, and not the write. */
  async function after<Result>(write: Promise<Result>, note: (at: number) => void): Promise<Result> {
    try {
      return await write;
    } finally {
      note(performance.now());
    }
  }

  return {
    /** @param user as `Actor.user`, in any spelling */
    isOf: (user: string): boolean =>
      performance.now() - Math.max(last, users.get(userIdentity(user)) ?? last) < STALE_MS,
    ofUser: <Result>(user: string, write: Promise<Result>) =>
      after(write, (at) => users.set(userIdentity(user), at)),
    /** What concerns everybody, such as somebody's rights. */
    ofAll: <Result>(write: Promise<Result>) =>
      after(write, (at) => {
        last = at;
      }),
  };
}

/** A database, of which it is noted that everybody is to see what is written. */
export function notedDatabase(database: Database, { ofAll }: RecentWrites): Database {
  return {
    ...database,
    write: (sql, parameters) => ofAll(database.write(sql, parameters)),
    transaction: (work) => ofAll(database.transaction(work)),
  };
}

/** Records, of which it is noted who has changed something. */
export function notedRecords(records: RecordStore, { ofUser, ofAll }: RecentWrites): RecordStore {
  return {
    ...records,
    add: (state, by, ...rest) => ofUser(by.user, records.add(state, by, ...rest)),
    change: (leadId, expected, to, by, options) =>
      ofUser(by.user, records.change(leadId, expected, to, by, options)),
    remove: (leadId, expected, by, options) => ofUser(by.user, records.remove(leadId, expected, by, options)),
    putList: (list, isNew) => ofAll(records.putList(list, isNew)),
    removeList: (listId) => ofAll(records.removeList(listId)),
    putFields: (listId, fields) => ofAll(records.putFields(listId, fields)),
  };
}
