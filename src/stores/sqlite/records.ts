import { createAnswerSize } from '../../core/answer-size.ts';
import { MAX_LEAD_ID } from '../../core/lead.ts';
import { differences, isSameState, type LeadState, valueOf } from '../../core/lead-state.ts';
import type { LeadStore } from '../../core/lead-store.ts';
import type {
  Actor,
  IdempotencyKey,
  RecordStore,
  WriteOptions,
  WriteRefusal,
  Written,
} from '../../core/record-store.ts';
import type { Connection } from './connection.ts';
import { createLeadChanges } from './lead-changes.ts';
import { PART } from '../number-keys.ts';
import { CHANGED, digestOfKey, FORGOTTEN_AT_ONCE, IDEMPOTENCY_MS, sharedKeyOf } from '../record-rows.ts';
import { createLeadStates } from './lead-state.ts';
import { dateTimeOf } from '../stored-state.ts';
import { createListSettings } from './list-settings.ts';
import { createSearchIndex, type SearchIndex } from './search-index.ts';
import { createFormerLists, createNotePages, createTimeline } from './timeline.ts';
import { writeWhole, writeWithRetry } from './transactions.ts';

/** Leads of the embedded store as people change them. */
export function createRecordStore(
  connection: Connection,
  leads: LeadStore,
  now: () => number = Date.now,
): RecordStore {
  const { database, readBatch, country } = connection;
  const states = createLeadStates(database, country);
  const changes = createLeadChanges(database);
  const readTimeline = createTimeline(database, changes);
  const readNotes = createNotePages(database);
  const readLists = createFormerLists(database);
  const keys = createIdempotencyKeys(connection, now);
  const timeOf = createTimes(connection, now);
  const search = createSearchIndex(database);
  const writes = createWrites(connection, { states, changes, keys, timeOf, search });
  const addNote = createNotes(connection, states, keys, timeOf);
  const write = <Result>(work: () => Result) => writeWithRetry(connection, () => writeWhole(database, work));
  return {
    async read(leadId, scope) {
      const query = { by: 'lead_id', leadId, asSent: String(leadId), phone: undefined } as const;
      // Begun in the same tick, so that both are read from one view of the store.
      const [customer, stored] = await Promise.all([
        leads.find(query, scope, { further: true }),
        readBatch.read(() => states.read(leadId)),
      ]);
      return customer && stored && { customer, state: stored.state };
    },
    add: (state, by, options, leadId) => write(() => writes.add(state, by, options, leadId)),
    change: (leadId, expected, to, by, options) =>
      write(() => writes.change(leadId, expected, to, by, options)),
    remove: (leadId, expected, by, options) => write(() => writes.remove(leadId, expected, by, options)),
    addNote: (leadId, text, by, idempotency) => write(() => addNote(leadId, text, by, idempotency)),
    timeline: (leadId, page) => readBatch.read(() => readTimeline(leadId, page, createAnswerSize().add)),
    notes: (leadId, page) => readBatch.read(() => readNotes(leadId, page)),
    listsOf: (leadId) => readBatch.read(() => readLists(leadId)),
    findChange: (leadId, changeId) => readBatch.read(() => changes.find(leadId, changeId)),
    ...createListSettings(connection, write),
  };
}

type LeadStates = ReturnType<typeof createLeadStates>;
type LeadChanges = ReturnType<typeof createLeadChanges>;
type TimeOf = ReturnType<typeof createTimes>;
type IdempotencyKeys = ReturnType<typeof createIdempotencyKeys>;

interface WriteParts {
  readonly states: LeadStates;
  readonly changes: LeadChanges;
  readonly keys: IdempotencyKeys;
  readonly timeOf: TimeOf;
  readonly search: SearchIndex;
}

/** Each within a transaction. */
function createWrites(connection: Connection, { states, changes, keys, timeOf, search }: WriteParts) {
  const findShared = createSharedCheck(connection);

  /** What a change records of who made it. */
  function madeBy({ user, endpoint, requestId }: Actor, leadId: number, { undoes }: WriteOptions = {}) {
    const at = timeOf(leadId);
    return { leadId, at, user, endpoint, requestId, ...(undoes !== undefined && { undoes }) };
  }

  return {
    add(state: LeadState, by: Actor, options: WriteOptions, removed: number | undefined): Written {
      const repeated = keys.find(options.idempotency);
      if (repeated !== undefined) return repeated;
      const shared = options.allowShared === true ? undefined : findShared(undefined, state);
      if (shared !== undefined) return shared;
      const leadId = removed ?? states.freeId();
      if (leadId > MAX_LEAD_ID) throw new Error(`no lead_id up to ${MAX_LEAD_ID} is left`);
      if (states.read(leadId) !== undefined) return CHANGED;
      const { undoes } = options;
      // The lead was erased meanwhile, with what happened to it.
      if (removed !== undefined && undoes !== undefined && !changes.find(removed, undoes)) return CHANGED;
      const made = madeBy(by, leadId, options);
      states.insert(leadId, state, dateTimeOf(made.at));
      if (removed !== undefined && undoes !== undefined) changes.restoreExternalIds(undoes);
      search.refresh(leadId);
      const changeId = changes.add({ ...made, after: state });
      keys.keep(options.idempotency, leadId);
      return removed === undefined ? { id: leadId, changeId } : { id: changeId };
    },

    change(leadId: number, expected: LeadState, to: LeadState, by: Actor, options: WriteOptions): Written {
      const stored = states.read(leadId);
      if (stored === undefined || !isSameState(stored.state, expected)) return CHANGED;
      const { before, after } = differences(stored.state, to);
      const mayBeShared = options.allowShared !== true && ('phone_number' in after || 'list_id' in after);
      const shared = mayBeShared ? findShared(leadId, to) : undefined;
      if (shared !== undefined) return shared;
      const made = madeBy(by, leadId, options);
      states.update(leadId, to, dateTimeOf(made.at));
      search.refresh(leadId);
      return { id: changes.add({ ...made, before, after, modifyDate: stored.modifyDate }) };
    },

    remove(leadId: number, expected: LeadState, by: Actor, options: WriteOptions): Written {
      const stored = states.read(leadId);
      if (stored === undefined || !isSameState(stored.state, expected)) return CHANGED;
      const { state: before, modifyDate } = stored;
      const id = changes.add({ ...madeBy(by, leadId, options), before, modifyDate, keepsExternalIds: true });
      states.remove(leadId);
      return { id };
    },
  };
}

/** When something happens to a lead: after all that happened to it, also where the machine's clock goes back. */
function createTimes({ database }: Connection, now: () => number) {
  const last = database.prepare(
    `SELECT max(coalesce((SELECT at FROM lead_changes WHERE lead_id = ?1 ORDER BY change_id DESC LIMIT 1), 0),
       coalesce((SELECT at FROM notes WHERE lead_id = ?1 ORDER BY note_id DESC LIMIT 1), 0)) AS at`,
  );
  return (leadId: number) => Math.max(now(), Number(last.get(leadId)?.at) + 1);
}

/** Within a transaction. */
function createNotes({ database }: Connection, states: LeadStates, keys: IdempotencyKeys, timeOf: TimeOf) {
  const insert = database.prepare(
    'INSERT INTO notes (lead_id, at, user_name, endpoint, text) VALUES (?, ?, ?, ?, ?)',
  );
  return (leadId: number, text: string, by: Actor, idempotency: IdempotencyKey | undefined): Written => {
    const repeated = keys.find(idempotency);
    if (repeated !== undefined) return repeated;
    if (states.read(leadId) === undefined) return CHANGED;
    const at = timeOf(leadId);
    const id = Number(insert.run(leadId, at, by.user, by.endpoint, text).lastInsertRowid);
    keys.keep(idempotency, id);
    return { id };
  };
}

/** Finds the lead of the same list that has a lead's number already. */
function createSharedCheck({ database, country }: Connection) {
  const find = database.prepare(
    `SELECT lead_id FROM lead_numbers WHERE key = ? AND list_id = ? AND lead_id <> ? AND part <> ${PART.address3}
     ORDER BY part, reading, lead_id DESC LIMIT 1`,
  );
  return (leadId: number | undefined, state: LeadState): WriteRefusal | undefined => {
    const { number, key } = sharedKeyOf(state, country) ?? {};
    if (number === undefined || key === undefined) return undefined;
    const row = find.get(key, valueOf(state, 'list_id') as number, leadId ?? 0);
    return row ? { refused: 'shared', leadId: Number(row.lead_id), number } : undefined;
  };
}

/** Requests that were done lately, within the transaction of what they did. */
function createIdempotencyKeys({ database }: Connection, now: () => number) {
  const select = database.prepare(
    'SELECT request_digest, result_id FROM idempotency_keys WHERE account = ? AND key_digest = ? AND at >= ?',
  );
  const insert = database.prepare('INSERT OR REPLACE INTO idempotency_keys VALUES (?, ?, ?, ?, ?)');
  const forget = database.prepare(
    `DELETE FROM idempotency_keys WHERE (account, key_digest) IN
       (SELECT account, key_digest FROM idempotency_keys WHERE at < ? ORDER BY at LIMIT ${FORGOTTEN_AT_ONCE})`,
  );
  return {
    find(asked: IdempotencyKey | undefined): Written | undefined {
      const row = asked && select.get(asked.account, digestOfKey(asked.key), now() - IDEMPOTENCY_MS);
      if (row === undefined) return undefined;
      return row.request_digest === asked?.digest
        ? { id: Number(row.result_id), isRepeated: true }
        : { refused: 'key reused' };
    },
    keep(asked: IdempotencyKey | undefined, resultId: number): void {
      if (asked === undefined) return;
      const at = now();
      forget.run(at - IDEMPOTENCY_MS);
      insert.run(asked.account, digestOfKey(asked.key), asked.digest, resultId, at);
    },
  };
}
