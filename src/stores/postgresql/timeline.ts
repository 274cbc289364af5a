import { createAnswerSize } from '../../core/answer-size.ts';
import { valueOf } from '../../core/lead-state.ts';
import type { Page } from '../../core/lead-store.ts';
import type {
  ImportAddition,
  LeadCall,
  LeadNote,
  NotePage,
  Timeline,
  TimelineEntry,
} from '../../core/record-store.ts';
import { CALL_COLUMNS, callOf, entryOf } from '../call-rows.ts';
import type { Read, Row } from '../network/connector.ts';
import { noteOf } from '../record-rows.ts';
import { newestChange, readChanges } from './lead-changes.ts';
import { arrayOf } from './rows.ts';

const NOTE_COLUMNS = ['note_id', 'lead_id', 'at', 'user_name', 'endpoint', 'text'];
const NOTES = `SELECT ${NOTE_COLUMNS.join(', ')} FROM notes WHERE lead_id = $1`;

/** The list of a state, as a change has it; the server reads no JSON with U+0000. Within a text its quotes would be escaped. */
export const listIn = (json: string) => `substring(${json} FROM '[{,]"list_id":([0-9]+)')::bigint`;

/** The statements of a timeline: a test reads the query plan of each. */
export const TIMELINE_STATEMENTS = {
  /** Without what they say, which may be large: how large is read without reading it. */
  changePlaces: `SELECT change_id, at, coalesce(octet_length(before), 0) + coalesce(octet_length(after), 0)
    FROM lead_changes WHERE lead_id = $1 ORDER BY change_id DESC LIMIT $2`,
  notePlaces: `SELECT note_id, at, octet_length(text) FROM notes WHERE lead_id = $1 ORDER BY note_id DESC LIMIT $2`,
  callPlaces: `SELECT call_number, started_at, coalesce(octet_length(note), 0)
    FROM calls WHERE lead_id = $1 ORDER BY call_number DESC LIMIT $2`,
  someCalls: `SELECT call_number, ${CALL_COLUMNS.join(', ')} FROM calls WHERE call_number = ANY ($1::bigint[])`,
  countCalls: 'SELECT count(*) FROM calls WHERE lead_id = $1',
  notes: `${NOTES} ORDER BY note_id DESC LIMIT $2 OFFSET $3`,
  someNotes: `${NOTES} AND note_id = ANY ($2::bigint[])`,
  countNotes: 'SELECT count(*) FROM notes WHERE lead_id = $1',
  countChanges: 'SELECT count(*) FROM lead_changes WHERE lead_id = $1',
  list: 'SELECT list_id FROM leads WHERE lead_id = $1',
  lists: `SELECT list_id FROM leads WHERE lead_id = $1
    UNION SELECT ${listIn('before')} FROM lead_changes WHERE lead_id = $1
    UNION SELECT ${listIn('after')} FROM lead_changes WHERE lead_id = $1`,
  /** The imports that added it: of each import the one range is looked at that may hold the lead. */
  imports: `SELECT import_id, started_at, file_name FROM imports
    WHERE (SELECT last_lead_id FROM import_additions AS range WHERE range.import_id = imports.import_id
      AND first_lead_id <= $1 ORDER BY first_lead_id DESC LIMIT 1) >= $1 ORDER BY import_id DESC`,
} as const;

type PlacedType = 'change' | 'note' | 'call';

/** Where an entry is, and how large: in bytes, which are no fewer than its characters. */
interface Place {
  readonly at: number;
  readonly size: number;
  /** A change, a note or a call is read by its id. */
  readonly entry: ImportAddition | { readonly type: PlacedType; readonly id: number };
}

const readNote = (row: Row): LeadNote =>
  noteOf(Object.fromEntries(NOTE_COLUMNS.map((column, at) => [column, row[at]])));

const placeOf =
  (type: PlacedType) =>
  ([id, at, size]: Row): Place => ({
    at: Number(at),
    size: Number(size),
    entry: { type, id: Number(id) },
  });

function importPlace([importId, startedAt, fileName]: Row): Place {
  const at = Date.parse(`${String(startedAt).replace(' ', 'T')}Z`);
  const name = String(fileName);
  const size = Buffer.byteLength(name);
  return { at, size, entry: { type: 'import', at, importId: Number(importId), fileName: name } };
}

async function countOf(run: Read, sql: string, leadId: number): Promise<number> {
  return Number((await run(sql, [leadId]))[0]?.[0]);
}

type AnswerSize = ReturnType<typeof createAnswerSize>;

/** What happened to a lead, the newest first, as far as an answer holds it. */
export async function readTimeline(
  run: Read,
  leadId: number,
  { offset, limit }: Page,
  answer: AnswerSize = createAnswerSize(),
): Promise<Timeline | undefined> {
  const end = offset + limit;
  const [[list], changes, notes, calls, imports, ...counts] = await Promise.all([
    run(TIMELINE_STATEMENTS.list, [leadId]),
    run(TIMELINE_STATEMENTS.changePlaces, [leadId, end]),
    run(TIMELINE_STATEMENTS.notePlaces, [leadId, end]),
    run(TIMELINE_STATEMENTS.callPlaces, [leadId, end]),
    run(TIMELINE_STATEMENTS.imports, [leadId]),
    countOf(run, TIMELINE_STATEMENTS.countChanges, leadId),
    countOf(run, TIMELINE_STATEMENTS.countNotes, leadId),
    countOf(run, TIMELINE_STATEMENTS.countCalls, leadId),
  ]);
  const last = list === undefined ? await newestChange(run, leadId) : undefined;
  // A lead that is gone, and of whose removal nothing is known.
  if (list === undefined && last?.before === undefined) return undefined;
  const places = [
    ...changes.map(placeOf('change')),
    ...notes.map(placeOf('note')),
    ...calls.map(placeOf('call')),
    ...imports.map(importPlace),
  ].sort((a, b) => b.at - a.at);
  return {
    listId: Number(list?.[0] ?? valueOf(last?.before ?? {}, 'list_id')),
    isRemoved: list === undefined,
    total: counts.reduce((sum, count) => sum + count, imports.length),
    ...(await readPage(run, leadId, places.slice(offset, end), answer)),
  };
}

/** Reads the first entries, as many as an answer may hold. */
async function readPage(
  run: Read,
  leadId: number,
  places: readonly Place[],
  answer: AnswerSize,
): Promise<Pick<Timeline, 'entries' | 'characters' | 'isCut'>> {
  const cut = places.findIndex(({ size }) => !answer.add(size));
  const fitting = cut < 0 ? places : places.slice(0, cut);
  const idsOf = (type: PlacedType) => fitting.flatMap(({ entry }) => (entry.type === type ? entry.id : []));
  const [changes, notes, calls] = await Promise.all([
    readChanges(run, leadId, idsOf('change')),
    readSomeNotes(run, leadId, idsOf('note')),
    readSomeCalls(run, idsOf('call')),
  ]);
  const read = new Map<string, TimelineEntry>([
    ...changes.map((change) => [`change ${change.changeId}`, change] as const),
    ...notes.map((note) => [`note ${note.noteId}`, note] as const),
    ...calls,
  ]);
  return {
    entries: fitting.flatMap(({ entry }) =>
      entry.type === 'import' ? entry : (read.get(`${entry.type} ${entry.id}`) ?? []),
    ),
    characters: answer.characters(),
    ...(cut >= 0 && { isCut: true as const }),
  };
}

async function readSomeNotes(
  run: Read,
  leadId: number,
  noteIds: readonly number[],
): Promise<readonly LeadNote[]> {
  if (noteIds.length === 0) return [];
  return (await run(TIMELINE_STATEMENTS.someNotes, [leadId, arrayOf(noteIds)])).map(readNote);
}

/** Each by what `readPage` looks for. */
async function readSomeCalls(
  run: Read,
  callNumbers: readonly number[],
): Promise<readonly (readonly [string, LeadCall])[]> {
  if (callNumbers.length === 0) return [];
  const rows = await run(TIMELINE_STATEMENTS.someCalls, [arrayOf(callNumbers)]);
  return rows.map(([number, ...values]) => [
    `call ${Number(number)}`,
    entryOf(callOf(Object.fromEntries(CALL_COLUMNS.map((column, at) => [column, values[at]])))),
  ]);
}

/** What people note about a lead, the newest first. */
export async function readNotes(run: Read, leadId: number, { offset, limit }: Page): Promise<NotePage> {
  const [total, notes] = await Promise.all([
    countOf(run, TIMELINE_STATEMENTS.countNotes, leadId),
    run(TIMELINE_STATEMENTS.notes, [leadId, limit, offset]),
  ]);
  return { total, notes: notes.map(readNote) };
}

/** Every list that a lead is or was in. */
export async function readFormerLists(run: Read, leadId: number): Promise<readonly number[]> {
  const rows = await run(TIMELINE_STATEMENTS.lists, [leadId]);
  return rows.flatMap(([listId]) => (listId === null ? [] : [Number(listId)]));
}
