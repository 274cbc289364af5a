import type {
  CleanedFiles,
  DescribedPerson,
  ErasedRows,
  KeptLead,
  PersonStore,
  PersonTrace,
} from './person-store.ts';
import type { CallStore } from './call-store.ts';
import type { PhoneNumber } from './phone.ts';
import type { DueData, ListRetention } from './due-data.ts';
import { countDue } from './retention.ts';

/** What a server wants done with people in a store. */
export type PersonTask =
  | { readonly what: 'find'; readonly phone: PhoneNumber }
  | { readonly what: 'known'; readonly leadIds: readonly number[] }
  | {
      readonly what: 'describe';
      readonly leadIds: readonly number[];
      readonly phone?: PhoneNumber | undefined;
    }
  | { readonly what: 'countCalls'; readonly phone: PhoneNumber }
  | {
      readonly what: 'erase';
      readonly leadIds: readonly number[];
      readonly at: number;
      readonly phone?: PhoneNumber | undefined;
    }
  /** Not of a state file: it has no leads. */
  | { readonly what: 'due'; readonly rules: readonly ListRetention[]; readonly at: number };

export interface PersonTaskResults {
  readonly find: readonly PersonTrace[];
  readonly countCalls: number;
  /** As `knownLeads`. */
  readonly known: readonly number[];
  readonly describe: Pick<DescribedPerson, 'calls' | 'related'> & { readonly leads: readonly KeptLead[] };
  readonly erase: {
    readonly removed: ErasedRows;
    /** As it was before. */
    readonly related: readonly PersonTrace[];
    readonly files: CleanedFiles;
  };
  readonly due: DueData;
}

/** Rejects with StoreFailure. */
export type RunPersonTask = <What extends PersonTask['what']>(
  task: Extract<PersonTask, { readonly what: What }>,
) => Promise<PersonTaskResults[What]>;

/** Does a task with the ports alone. */
export async function doPersonTask(
  { persons, calls }: { readonly persons: PersonStore; readonly calls: Pick<CallStore, 'countUnknown'> },
  task: PersonTask,
): Promise<PersonTaskResults[PersonTask['what']]> {
  switch (task.what) {
    case 'due':
      return countDue({ persons, calls }, task.rules, task.at);
    case 'find':
      return persons.find(task.phone);
    case 'known':
      return knownLeads(persons, task.leadIds);
    case 'countCalls':
      return persons.countCalls(task.phone);
    case 'describe': {
      const leads = await readLeads(persons, task.leadIds);
      const calls = task.phone === undefined ? [] : await persons.callsOf(task.phone);
      return { leads, calls, related: await persons.findRelated(task.leadIds) };
    }
    case 'erase': {
      const related = await persons.findRelated(task.leadIds);
      const removed = await persons.erase(task.leadIds, task.at, 'wish', task.phone);
      return { removed, related, files: await persons.cleanFiles(true) };
    }
  }
}

/** Those of which something is kept, or whose erasure has not come to its end. */
export async function knownLeads(
  persons: PersonStore,
  leadIds: readonly number[],
): Promise<readonly number[]> {
  const known = new Set(await persons.uncleaned());
  for (const { leadId } of await readLeads(persons, leadIds)) known.add(leadId);
  return leadIds.filter((leadId) => known.has(leadId));
}

/** Those of which something is kept. */
export async function readLeads(
  persons: PersonStore,
  leadIds: readonly number[],
): Promise<readonly KeptLead[]> {
  const leads: KeptLead[] = [];
  for (const leadId of leadIds) {
    const lead = await persons.read(leadId);
    if (lead !== undefined) leads.push(lead);
  }
  return leads;
}
