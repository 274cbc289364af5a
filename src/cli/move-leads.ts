import { withValues } from '../core/lead-state.ts';
import type { ListSettings } from '../core/record-store.ts';
import type { OwnStore } from '../core/store.ts';
import { CommandFailure } from '../process/exit-code.ts';
import type { Terminal } from '../process/terminal.ts';
import { createImportProgress } from './import-progress.ts';
import type { ActRecord } from './operator-audit.ts';
import { listWords } from './words/list.ts';

const BY = { user: 'operator', endpoint: 'cli', requestId: 'command' } as const;
/** A lead that somebody changes at the same moment is read again. */
const ATTEMPTS = 5;
/** Each is a transaction. */
const AT_ONCE = 4;

/** Moves the leads of a list to another one, each as a change of its own. @returns how many; fewer where it was stopped */
export async function moveLeads(
  { records, archive }: OwnStore,
  from: number,
  to: number,
  {
    signal,
    record,
    terminal,
  }: { readonly signal: AbortSignal; readonly record: ActRecord; readonly terminal: Terminal },
): Promise<number> {
  using progress = await createImportProgress(
    terminal,
    (await archive.countByList()).get(from) ?? 0,
    'leads',
  );
  let [moved, after] = [0, 0];
  for (;;) {
    const leadIds = await records.leadsOfList(from, after);
    if (leadIds.length === 0) return moved;
    for (let at = 0; at < leadIds.length && !signal.aborted; at += AT_ONCE) {
      const some = leadIds.slice(at, at + AT_ONCE);
      const done = await Promise.all(some.map((leadId) => moveLead(records, leadId, from, to)));
      moved += done.filter(Boolean).length;
      record.counts = { leads: moved };
      progress.show(moved, moved);
    }
    if (signal.aborted) return moved;
    after = leadIds.at(-1) ?? after;
  }
}

/** @returns false: somebody else has moved or removed it */
async function moveLead(
  records: OwnStore['records'],
  leadId: number,
  from: number,
  to: number,
): Promise<boolean> {
  for (let tries = 1; tries <= ATTEMPTS; tries += 1) {
    const stored = await records.read(leadId, [from]);
    if (stored === undefined) return false;
    const state = withValues(stored.state, { list_id: to });
    // Who of both is kept where a number is there already, somebody decides who looks at them.
    const written = await records.change(leadId, stored.state, state, BY, { allowShared: true });
    if ('id' in written) return true;
  }
  throw new CommandFailure(listWords().leadBusy(leadId));
}

/** What is different for leads in the other list. */
export async function notesOnMove(
  { records }: OwnStore,
  from: ListSettings,
  to: ListSettings,
): Promise<readonly string[]> {
  const [fields, others] = [await records.fields(from.listId), await records.fields(to.listId)];
  const lost = fields.filter(({ label }) => others.every((other) => other.label !== label));
  const bared = from.masked.filter((field) => !to.masked.includes(field));
  const words = listWords();
  const labels = lost.map(({ label }) => label).join(', ');
  return [
    ...(lost.length === 0 ? [] : [words.lostFields(to.listId, labels)]),
    ...(bared.length === 0 ? [] : [words.bared(to.listId, bared.join(', '), from.listId)]),
  ];
}
