import type { Principal } from '../auth/principal.ts';
import type { ListScope, MasksOf } from '../core/lead.ts';
import { seesAll } from './lookup.ts';
import { isVisible, type RecordPorts } from './record-work.ts';

/** Those lists of a scope whose leads show a field to somebody: nobody is found by what is masked. */
export async function showing(
  field: string,
  principal: Principal,
  scope: ListScope,
  { recordsFor, masks }: Pick<RecordPorts, 'recordsFor'> & { readonly masks: MasksOf },
): Promise<ListScope> {
  const records = recordsFor(principal);
  if (records === undefined || seesAll(principal)) return scope;
  const lists = await records.lists();
  return lists
    .filter(
      ({ listId, masked }) => ![...masked, ...masks(listId)].includes(field) && isVisible(scope, listId),
    )
    .map(({ listId }) => listId);
}
