import { MAX_LEAD_ID } from '../../core/lead.ts';
import { differences, isSameState, type LeadState, valueOf } from '../../core/lead-state.ts';
import type {
  Actor,
  IdempotencyKey,
  RecordStore,
  StoredRecord,
  WriteOptions,
  WriteRefusal,
  Written,
} from '../../core/record-store.ts';
import type { ListScope } from '../../core/lead.ts';
import type { Country } from '../../core/phone.ts';
import type { Read } from '../network/connector.ts';
import { withStoreFailure } from '../network/pool.ts';
import { PART } from '../number-keys.ts';
import { CHANGED, digestOfKey, FORGOTTEN_AT_ONCE, IDEMPOTENCY_MS, sharedKeyOf } from '../record-rows.ts';
import { dateTimeOf } from '../stored-state.ts';
import type { Database } from './database.ts';
import { addChange, findChange, restoreExternalIds } from './lead-changes.ts';
import { createLeadRows, LEAD_STATEMENTS, readState, stateOfRow } from './lead-rows.ts';
import { shareLeads } from './leads-lock.ts';
import { createListSettings } from './list-settings.ts';
import { FOUND_COLUMNS, FOUND_LEADS, FOUND_WIDTH, foundLead, listsOf } from './rows.ts';
import { refreshWords } from './search-index.ts';
import { readFormerLists, readNotes, readTimeline } from './timeline.ts';

/** The statements of records: a test reads the query plan of each. */
export const RECORD_STATEMENTS = {
  read: `SELECT ${FOUND_COLUMNS.join(', ')}, ${LEAD_STATEMENTS.columns} FROM ${FOUND_LEADS}
    WHERE leads.lead_id = $1 AND ($2::bigint[] IS NULL OR leads.list_id = ANY ($2::bigint[]))`,
  /** Whoever else does something of this name waits until the transaction has ended. */
  lock: 'SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext($1))',
  shared: `SELECT lead_id FROM lead_numbers WHERE key = $1 AND list_id = $2 AND lead_id <> $3 AND part <> ${PART.address3}
    ORDER BY part, reading, lead_id DESC LIMIT 1`,
  freeId: `SELECT 1 + greatest((SELECT lead_id FROM leads ORDER BY lead_id DESC LIMIT 1), value::bigint)
    FROM meta WHERE name = 'highest_removed_lead'`,
  lastTime: `SELECT greatest(0, (SELECT at FROM lead_changes WHERE lead_id = $1 ORDER BY change_id DESC LIMIT 1),
    (SELECT at FROM notes WHERE lead_id = $1 ORDER BY note_id DESC LIMIT 1))`,
  findKey: `SELECT request_digest, result_id FROM idempotency_keys
    WHERE account = $1 AND key_digest = $2 AND at >= $3`,
  keepKey: `INSERT INTO idempotency_keys VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account, key_digest)
    DO UPDATE SET request_digest = excluded.request_digest, result_id = excluded.result_id, at = excluded.at`,
  forgetKeys: `DELETE FROM idempotency_keys WHERE (account, key_digest) IN
    (SELECT account, key_digest FROM idempotency_keys WHERE at < $1 ORDER BY at LIMIT ${FORGOTTEN_AT_ONCE}
     FOR UPDATE SKIP LOCKED)`,
  addNote:
    'INSERT INTO notes (lead_id, at, user_name, endpoint, text) VALUES ($1, $2, $3, $4, $5) RETURNING note_id',
} as const;

/** Leads of the store as people change them. Each write is a transaction, and waits for others of the same lead. */
export function createRecordStore(database: Database, now: () => number = Date.now): RecordStore {
  const { read } = database;
  const writes = {
    ...createAdd(database.country, now),
    ...createChanges(database.country, now),
    ...createNotes(now),
  };
  const write = <Result>(work: (run: Read) => Promise<Result>) =>
    withStoreFailure(() =>
      database.transaction(async ({ run }) => {
        await shareLeads(run);
        return work(run);
      }),
    );
  return {
    read: (leadId, scope) => withStoreFailure(() => readRecord(read, leadId, scope)),
    add: (state, by, options, leadId) => write((run) => writes.add(run, state, by, options, leadId)),
    change: (leadId, expected, to, by, options) =>
      write((run) => writes.change(run, [leadId, expected, to], by, options)),
    remove: (leadId, expected, by, options) =>
      write((run) => writes.remove(run, leadId, expected, by, options)),
    addNote: (leadId, text, by, idempotency) =>
      write((run) => writes.addNote(run, leadId, text, by, idempotency)),
    timeline: (leadId, page) => withStoreFailure(() => readTimeline(read, leadId, page)),
    notes: (leadId, page) => withStoreFailure(() => readNotes(read, leadId, page)),
    listsOf: (leadId) => withStoreFailure(() => readFormerLists(read, leadId)),
    findChange: (leadId, changeId) => withStoreFailure(() => findChange(read, leadId, changeId)),
    ...createListSettings(read, write),
  };
}

/** In one statement, so that both are of one moment. */
async function readRecord(read: Read, leadId: number, scope: ListScope): Promise<StoredRecord | undefined> {
  const [row] = await read(RECORD_STATEMENTS.read, [leadId, listsOf(scope)]);
  const customer = row && foundLead(row, 0);
  return customer && { customer, state: stateOfRow(row.slice(FOUND_WIDTH)).state };
}

/** What a change records of who made it: after all that happened to the lead, also where a clock goes back. */
async function madeBy(
  run: Read,
  now: () => number,
  leadId: number,
  { user, endpoint, requestId }: Actor,
  undoes?: number,
) {
  const [last] = await run(RECORD_STATEMENTS.lastTime, [leadId]);
  const at = Math.max(now(), Number(last?.[0]) + 1);
  return { leadId, at, user, endpoint, requestId, ...(undoes !== undefined && { undoes }) };
}

/** Within a transaction. */
function createAdd(country: Country, now: () => number) {
  const rows = createLeadRows(country);
  return {
    async add(
      run: Read,
      state: LeadState,
      by: Actor,
      { allowShared, undoes, idempotency }: WriteOptions,
      removed: number | undefined,
    ): Promise<Written> {
      const before =
        (await findRepeated(run, idempotency, now())) ??
        (allowShared === true ? undefined : await findShared(run, country, undefined, state));
      if (before !== undefined) return before;
      const leadId = removed ?? (await freeId(run));
      if ((await readState(run, leadId, true)) !== undefined) return CHANGED;
      // The lead was erased meanwhile, with what happened to it.
      if (removed !== undefined && undoes !== undefined && !(await findChange(run, removed, undoes)))
        return CHANGED;
      const made = await madeBy(run, now, leadId, by, undoes);
      await rows.insert(run, leadId, state, dateTimeOf(made.at));
      if (removed !== undefined && undoes !== undefined) await restoreExternalIds(run, undoes);
      await refreshWords(run, leadId);
      const changeId = await addChange(run, { ...made, after: state });
      await keepKey(run, idempotency, leadId, now());
      return removed === undefined ? { id: leadId, changeId } : { id: changeId };
    },
  };
}

/** Each within a transaction. */
function createChanges(country: Country, now: () => number) {
  const rows = createLeadRows(country);
  return {
    async change(
      run: Read,
      [leadId, expected, to]: readonly [leadId: number, expected: LeadState, to: LeadState],
      by: Actor,
      { allowShared, undoes }: WriteOptions,
    ): Promise<Written> {
      const stored = await readState(run, leadId, true);
      if (stored === undefined || !isSameState(stored.state, expected)) return CHANGED;
      const { before, after } = differences(stored.state, to);
      const mayBeShared = allowShared !== true && ('phone_number' in after || 'list_id' in after);
      const shared = mayBeShared ? await findShared(run, country, leadId, to) : undefined;
      if (shared !== undefined) return shared;
      const made = await madeBy(run, now, leadId, by, undoes);
      await rows.update(run, leadId, to, dateTimeOf(made.at));
      await refreshWords(run, leadId);
      return { id: await addChange(run, { ...made, before, after, modifyDate: stored.modifyDate }) };
    },

    async remove(
      run: Read,
      leadId: number,
      expected: LeadState,
      by: Actor,
      { undoes }: WriteOptions,
    ): Promise<Written> {
      const stored = await readState(run, leadId, true);
      if (stored === undefined || !isSameState(stored.state, expected)) return CHANGED;
      const { state: before, modifyDate } = stored;
      const made = await madeBy(run, now, leadId, by, undoes);
      const id = await addChange(run, { ...made, before, modifyDate, keepsExternalIds: true });
      // With its numbers, external ids and words, which a trigger takes along.
      await run(LEAD_STATEMENTS.remove, [leadId]);
      return { id };
    },
  };
}

/** Within a transaction. */
function createNotes(now: () => number) {
  return {
    async addNote(
      run: Read,
      leadId: number,
      text: string,
      by: Actor,
      idempotency: IdempotencyKey | undefined,
    ): Promise<Written> {
      const repeated = await findRepeated(run, idempotency, now());
      if (repeated !== undefined) return repeated;
      if ((await readState(run, leadId, true)) === undefined) return CHANGED;
      const { at, user, endpoint } = await madeBy(run, now, leadId, by);
      const [row] = await run(RECORD_STATEMENTS.addNote, [leadId, at, user, endpoint, text]);
      await keepKey(run, idempotency, Number(row?.[0]), now());
      return { id: Number(row?.[0]) };
    },
  };
}

/** The next id that no lead has or had. */
async function freeId(run: Read): Promise<number> {
  await run(RECORD_STATEMENTS.lock, ['lead ids']);
  const leadId = Number((await run(RECORD_STATEMENTS.freeId, []))[0]?.[0]);
  if (leadId > MAX_LEAD_ID) throw new Error(`no lead_id up to ${MAX_LEAD_ID} is left`);
  return leadId;
}

/** Finds the lead of the same list that has a lead's number already. */
async function findShared(
  run: Read,
  country: Country,
  leadId: number | undefined,
  state: LeadState,
): Promise<WriteRefusal | undefined> {
  const { number, key } = sharedKeyOf(state, country) ?? {};
  if (number === undefined || key === undefined) return undefined;
  const listId = valueOf(state, 'list_id') as number;
  // Two who add the same number at the same time would not see each other.
  await run(RECORD_STATEMENTS.lock, [`number ${listId} ${key}`]);
  const [row] = await run(RECORD_STATEMENTS.shared, [key, listId, leadId ?? 0]);
  return row && { refused: 'shared', leadId: Number(row[0]), number };
}

/** What a request with the same key has done. */
async function findRepeated(
  run: Read,
  asked: IdempotencyKey | undefined,
  now: number,
): Promise<Written | undefined> {
  if (asked === undefined) return undefined;
  const digest = digestOfKey(asked.key);
  await run(RECORD_STATEMENTS.lock, [`key ${asked.account} ${digest}`]);
  const [row] = await run(RECORD_STATEMENTS.findKey, [asked.account, digest, now - IDEMPOTENCY_MS]);
  if (row === undefined) return undefined;
  return row[0] === asked.digest ? { id: Number(row[1]), isRepeated: true } : { refused: 'key reused' };
}

async function keepKey(
  run: Read,
  asked: IdempotencyKey | undefined,
  resultId: number,
  at: number,
): Promise<void> {
  if (asked === undefined) return;
  await run(RECORD_STATEMENTS.forgetKeys, [at - IDEMPOTENCY_MS]);
  await run(RECORD_STATEMENTS.keepKey, [asked.account, digestOfKey(asked.key), asked.digest, resultId, at]);
}
