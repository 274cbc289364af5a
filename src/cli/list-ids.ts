import { MAX_LIST_ID, type ListScope } from '../core/lead.ts';
import { CommandFailure, EXIT } from '../process/exit-code.ts';
import { printable } from '../process/printable.ts';

/** What `--lists` says; not given: every list. */
export function readLists(text: string | undefined): ListScope {
  if (text === undefined) return 'every list';
  const ids = text.split(',').map((part) => part.trim());
  const bad = ids.find((id) => !/^\d{1,14}$/.test(id) || Number(id) === 0 || Number(id) > MAX_LIST_ID);
  if (bad !== undefined) {
    throw new CommandFailure(
      `--lists takes list ids separated by commas (1,2,3), not "${printable(bad)}"`,
      EXIT.usage,
    );
  }
  return ids.map(Number);
}
