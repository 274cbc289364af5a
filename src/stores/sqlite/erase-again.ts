import type { DatabaseSync } from 'node:sqlite';

import { messageOf } from '../../core/problem.ts';
import { StoreRefusal } from '../../core/store.ts';
import { CALLED_PARTS, createErasedHash } from '../erased-rows.ts';
import { type Connection, openForThisUser } from './connection.ts';
import { createPersonStore } from './erasure.ts';
import { checkStoreFile, isDamage } from './file-check.ts';

/** What came of it. */
export interface ErasedAgain {
  /** Leads. */
  readonly erased: number;
  /** Why nobody can tell whom the present store had erased; undefined: it is known. */
  readonly unknown: string | undefined;
}

/**
 * Erases in a backup whom the present store has erased since: leads by their ids where it is the same store, and leads with a
 * number of an erased person, as an import leaves them out. Notes them in the backup as the present store has them.
 *
 * @param backup which nobody else uses
 * @param store the present one; it is only read
 */
export async function eraseAgain(
  backup: Connection,
  store: string,
  erasedDays: number,
): Promise<ErasedAgain> {
  let present: DatabaseSync | undefined;
  try {
    // Also of a newer version, as far as it has the same tables.
    checkStoreFile(store, Infinity, 'it is kept beside the new one');
    present = openForThisUser(store);
    // An older version could not erase anybody.
    if (!hasErasures(present)) return { erased: 0, unknown: undefined };
    return await eraseAsIn(present, backup, erasedDays);
  } catch (cause) {
    // Without a cause the file itself is why: nothing is wrong with the machine.
    const isNoStore = present === undefined && cause instanceof StoreRefusal && cause.cause === undefined;
    if (!isNoStore && !isFault(cause)) throw cause;
    return { erased: 0, unknown: messageOf(cause) };
  } finally {
    present?.close();
  }
}

function hasErasures(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'erased_numbers'").get() !== undefined;
}

/** Of the present store: it is damaged, or there is no such table. */
function isFault(cause: unknown): boolean {
  const { errcode } = (cause ?? {}) as { errcode?: unknown };
  return isDamage(cause) || errcode === 1;
}

/** Without ids that somebody has now. */
const ERASED_IDS = `SELECT lead_id, at, is_wish FROM erased_leads AS gone
  WHERE NOT EXISTS (SELECT 1 FROM leads WHERE lead_id = gone.lead_id)`;

/** Of the same store: no id that was given after the backup is given to somebody else. */
function keepHighestId(present: DatabaseSync, backup: DatabaseSync): void {
  const highest = present
    .prepare(
      `SELECT max(coalesce((SELECT max(lead_id) FROM leads), 0), CAST(value AS INTEGER)) AS id
       FROM meta WHERE name = 'highest_removed_lead'`,
    )
    .get();
  backup
    .prepare(
      `UPDATE meta SET value = ?1
       WHERE name = 'highest_removed_lead' AND CAST(value AS INTEGER) < CAST(?1 AS INTEGER)`,
    )
    .run(String(highest?.id));
}

async function eraseAsIn(
  present: DatabaseSync,
  backup: Connection,
  erasedDays: number,
): Promise<ErasedAgain> {
  const { database } = backup;
  const isSame = metaOf(present, 'login_secret') === metaOf(database, 'login_secret');
  if (isSame) keepHighestId(present, database);
  const leads = isSame ? present.prepare(ERASED_IDS).all() : [];
  const numbers = present.prepare('SELECT number_hash, at FROM erased_numbers').all();
  const isThere = database.prepare(
    'SELECT 1 FROM leads WHERE lead_id = ?1 UNION SELECT 1 FROM lead_changes WHERE lead_id = ?1',
  );
  const found = leads.filter(({ lead_id: leadId }) => isThere.get(Number(leadId)) !== undefined);
  const ids = (isWish: number) =>
    found.filter((lead) => Number(lead.is_wish) === isWish).map((lead) => Number(lead.lead_id));
  const byNumber = leadsWithNumbers(
    present,
    database,
    new Set(numbers.map((row) => String(row.number_hash))),
    isSame,
  );
  const keepsOwn = database.prepare('SELECT 1 FROM erased_numbers LIMIT 1').get() !== undefined;
  const secret = String(metaOf(present, 'erasure_secret'));
  const canKeep = !keepsOwn || secret === metaOf(database, 'erasure_secret');
  if (canKeep) database.prepare("UPDATE meta SET value = ? WHERE name = 'erasure_secret'").run(secret);

  const persons = createPersonStore(backup, erasedDays);
  const now = Date.now();
  const wished = new Set([...ids(1), ...byNumber]);
  const removed = [
    await persons.erase([...wished], now, 'wish'),
    await persons.erase(ids(0), now, 'retention'),
  ];
  const noteNumber = database.prepare('INSERT OR REPLACE INTO erased_numbers VALUES (?, ?)');
  const noteLead = database.prepare(
    `INSERT INTO erased_leads VALUES (?, ?, 0, ?)
     ON CONFLICT (lead_id) DO UPDATE SET at = excluded.at, is_wish = excluded.is_wish`,
  );
  database.exec('BEGIN');
  // With the time at which each was erased, by which it ends.
  if (canKeep) for (const row of numbers) noteNumber.run(String(row.number_hash), Number(row.at));
  for (const row of leads) noteLead.run(Number(row.lead_id), Number(row.at), Number(row.is_wish));
  database.exec('COMMIT');
  const { left } = await persons.cleanFiles();
  if (left.length > 0)
    throw new StoreRefusal(
      `whoever was erased is still in the copy (${left.join('; ')}); nothing was restored`,
    );
  const unknown = canKeep
    ? undefined
    : 'it is another store: what it keeps of erased numbers cannot be taken over';
  return { erased: removed.reduce((sum, rows) => sum + rows.leads, 0), unknown };
}

/**
 * Leads of the backup that have a number of somebody who was erased, and are not somebody else's in the present store.
 *
 * @param isSame in another store an id means somebody else
 */
function leadsWithNumbers(
  present: DatabaseSync,
  backup: DatabaseSync,
  hashes: ReadonlySet<string>,
  isSame: boolean,
): readonly number[] {
  if (hashes.size === 0) return [];
  const hashOf = createErasedHash(String(metaOf(present, 'erasure_secret')));
  const lead = present.prepare('SELECT 1 FROM leads WHERE lead_id = ?');
  const isKept = (leadId: number) => isSame && lead.get(leadId) !== undefined;
  const keys = backup.prepare(`SELECT lead_id, key FROM lead_numbers WHERE part IN (${CALLED_PARTS})`);
  const found = new Set<number>();
  for (const { lead_id: leadId, key } of keys.iterate())
    if (hashes.has(hashOf(String(key))) && !isKept(Number(leadId))) found.add(Number(leadId));
  return [...found];
}

function metaOf(database: DatabaseSync, name: string): unknown {
  return database.prepare('SELECT value FROM meta WHERE name = ?').get(name)?.value;
}
