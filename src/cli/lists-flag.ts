import { type ListScope, MAX_LIST_ID } from '../core/lead.ts';
import { wrongUse } from '../process/exit-code.ts';
import { printable } from '../process/terminal.ts';
import { accountWords } from './words/account.ts';

/** What `--lists` says; not given, or `all`: every list. */
export function readLists(text: string | undefined): ListScope {
  if (text === undefined || text === 'all') return 'every list';
  const ids = text.split(',').map((part) => part.trim());
  const bad = ids.find((id) => !/^\d{1,14}$/.test(id) || Number(id) === 0 || Number(id) > MAX_LIST_ID);
  if (bad !== undefined) {
    throw wrongUse(`--lists takes list ids separated by commas (1,2,3), or all, not "${printable(bad)}"`);
  }
  return ids.map(Number);
}

/** Lists as people read them. */
export function writeLists(lists: ListScope): string {
  const { everyList, none } = accountWords();
  if (lists === 'every list') return everyList;
  return lists.length === 0 ? none : lists.join(', ');
}
