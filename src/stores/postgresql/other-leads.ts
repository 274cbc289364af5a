import type { ImportedBy, OtherLeads } from '../../core/lead-archive.ts';
import type { Read } from '../network/connector.ts';
import { lockLeads } from './leads-lock.ts';
import { stateOfRow } from './lead-rows.ts';
import { arrayOf } from './rows.ts';
import { STATE_COLUMNS } from '../stored-state.ts';
import type { Session } from './transactions.ts';
import { addChanges, BULK_STATEMENTS, removeLeads } from './write-leads.ts';

/** Leads that are removed in one transaction. */
const REMOVED_AT_ONCE = 500;

/** That no row of the files 1 to $2 has named the lead. */
const IS_OTHER = `NOT EXISTS (SELECT 1 FROM generate_series(1, $2::integer) AS number
  WHERE (SELECT leads.lead_id < first_lead + count FROM import_lines
    WHERE file = number AND first_lead <= leads.lead_id ORDER BY first_lead DESC LIMIT 1))`;

/** The statements of leads that a file does not name: a test reads the query plan of each. */
export const OTHER_STATEMENTS = {
  count: `SELECT list_id, count(*), count(*) FILTER (WHERE ${IS_OTHER}) FROM leads
    WHERE list_id = ANY ($1::bigint[]) GROUP BY list_id`,
  // While the import runs, people go on: whom they have made, changed or moved since then is not removed.
  next: `SELECT lead_id FROM leads WHERE list_id = ANY ($1::bigint[]) AND lead_id > $3 AND ${IS_OTHER}
      AND NOT EXISTS (SELECT 1 FROM lead_changes
        WHERE lead_changes.lead_id = leads.lead_id AND import_id IS NULL AND change_id > $4)
    ORDER BY lead_id LIMIT ${REMOVED_AT_ONCE}`,
  lastChange: 'SELECT coalesce(max(change_id), 0) FROM lead_changes',
} as const;

/** What an import must know of leads that it has not named; files that are one sheet share it. */
export interface OtherLeadsOfImport {
  /** By list: leads that the import brought, without those that it took to another list. */
  readonly arrivals: Map<number, number>;
  /** The last change before the import began. */
  readonly since: number;
}

/** Of an import that begins. */
export async function beginOthers(session: Session): Promise<OtherLeadsOfImport> {
  return session.transaction(async () => {
    // So that no change is under way that has a lower number, and is not seen yet.
    await lockLeads(session.run);
    const [row] = await session.run(OTHER_STATEMENTS.lastChange, []);
    return { arrivals: new Map<number, number>(), since: Number(row?.[0]) };
  });
}

/** @see ImportRun.countOthers */
export async function countOthers(
  run: Read,
  lists: ReadonlySet<number>,
  file: number,
  { arrivals }: OtherLeadsOfImport,
): Promise<ReadonlyMap<number, OtherLeads>> {
  const rows = await run(OTHER_STATEMENTS.count, [arrayOf([...lists]), file]);
  const counts = new Map(
    rows.map(([listId, leads, others]) => [Number(listId), [Number(leads), Number(others)] as const]),
  );
  return new Map(
    [...lists].map((listId) => {
      const [leads, others] = counts.get(listId) ?? [0, 0];
      return [listId, { before: leads - (arrivals.get(listId) ?? 0), others }] as const;
    }),
  );
}

/** What is removed, and by what. */
export interface Removal {
  readonly lists: ReadonlySet<number>;
  readonly file: number;
  readonly since: number;
  /** undefined: no change is recorded. */
  readonly importId: number | undefined;
  readonly by: ImportedBy;
}

/** Removes some of the leads that no row has named. In a transaction. @returns their ids */
export async function removeSomeOthers(
  session: Session,
  { lists, file, since, importId, by: { user, endpoint } }: Removal,
  after: number,
): Promise<readonly number[]> {
  const { run } = session;
  const rows = await run(OTHER_STATEMENTS.next, [arrayOf([...lists]), file, after, since]);
  const leadIds = rows.map(([leadId]) => Number(leadId));
  if (importId !== undefined) {
    const states = await run(BULK_STATEMENTS.states, [arrayOf(leadIds)]);
    const at = Date.now();
    const changes = states.map((row) => {
      const { state, modifyDate } = stateOfRow(row.slice(1));
      const externalIds = row[STATE_COLUMNS.length + 2] as string | null;
      const made = { leadId: Number(row[0]), at, user, endpoint, importId } as const;
      return { ...made, before: state, modifyDate, externalIds: externalIds ?? '[]' };
    });
    await addChanges(
      session,
      changes.sort((a, b) => a.leadId - b.leadId),
    );
  }
  await removeLeads(run, leadIds);
  return leadIds;
}
