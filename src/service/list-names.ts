import type { LeadStore, LookupResult } from '../core/lead-store.ts';

/** Names by the lists' ids; lists without a name have none here. */
export type ListNames = ReadonlyMap<number, string>;

/** More lists than these on one page are shown by their ids. */
const MOST_LISTS = 9;

/** The names of the lists that leads are in. */
export async function listNames(
  leads: Pick<LeadStore, 'describeList'>,
  results: readonly LookupResult[],
): Promise<ListNames> {
  const ids = [...new Set(results.map(({ lead }) => lead.list_id))].slice(0, MOST_LISTS);
  const lists = await Promise.all(ids.map((listId) => leads.describeList(listId)));
  return new Map(
    lists.flatMap((list): [number, string][] => {
      const name = list?.name?.trim() ?? '';
      return list === undefined || name === '' ? [] : [[list.listId, name]];
    }),
  );
}
