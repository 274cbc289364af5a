import { hashPassword } from '../../src/auth/password-hash.ts';
import type { ImportResult } from '../../src/core/lead-archive.ts';
import type { OwnStore } from '../../src/core/store.ts';
import {
  LEAD_TEXT_FIELDS,
  type CustomField,
  type CustomValue,
  type Lead,
  type ListScope,
} from '../../src/core/lead.ts';
import { type Rights, rightsOf, type UserRight } from '../../src/core/rights.ts';
import type { PostgresqlStore } from '../../src/stores/open-store.ts';
import { fillPostgresql } from './postgresql/fill-postgresql.ts';

/** What most users of tests may do: all that anything here needs. */
export const USUAL_RIGHTS: Rights = rightsOf(['card', 'read', 'calls']);

/** A number of a lead beside the documented ones. */
export interface DescribedFurther {
  readonly number: string;
  readonly label?: string;
  readonly phoneCode?: string;
  /** Not named: it is. */
  readonly isActive?: boolean;
}

/** A lead as any engine can load it. A field that is not named holds nothing. */
export interface DescribedLead extends Partial<Lead> {
  readonly lead_id: number;
  readonly list_id: number;
  readonly isCustomer?: boolean;
  /** `YYYY-MM-DD HH:MM:SS`; not named: never called. */
  readonly lastLocalCallTime?: string;
  readonly modifyDate?: string;
  /** The country's code, as a dialer keeps it beside the lead's numbers. */
  readonly phoneCode?: string;
  /** Numbers beside the documented ones. */
  readonly further?: readonly DescribedFurther[];
  /** Not named: the lead has no row in its list's custom fields. Pairs, because an object would reorder labels. */
  readonly custom?: readonly (readonly [label: string, value: CustomValue])[];
}

export interface DescribedList {
  readonly list_id: number;
  readonly name: string;
  readonly fields?: readonly CustomField[];
}

export interface DescribedUser {
  readonly name: string;
  /** The password, or a verifier that was made before: hashing is slow. */
  readonly password: string | { readonly verifier: string };
  readonly active?: boolean;
  /** On a dialer those that it knows; not named: the card, reading and, in a store of ours, calls. */
  readonly rights?: readonly UserRight[];
  readonly lists?: ListScope;
}

/** What a store holds, in no engine's words: each engine loads it in its own way. */
export interface StoreDescription {
  readonly lists: readonly DescribedList[];
  readonly leads: readonly DescribedLead[];
  readonly users: readonly DescribedUser[];
}

/** Loads a description into a store of ours. */
export async function fillOwn(store: OwnStore, description: StoreDescription): Promise<void> {
  if (!('database' in store)) return fillEmbedded(store, description);
  await fillPostgresql(store as PostgresqlStore, description);
  for (const user of description.users) await addUser(store, user);
}

/** Brings the words of all leads into the index of search. */
export async function indexAll(store: OwnStore): Promise<void> {
  if ('database' in store) while ((await (store as PostgresqlStore).indexWords()).left > 0);
  else await Array.fromAsync(store.archive.indexSearch());
}

/** Loads a description into the embedded store, through the ports that commands use. */
export async function fillEmbedded(
  store: OwnStore,
  { lists, leads, users }: StoreDescription,
): Promise<void> {
  const columns = { texts: LEAD_TEXT_FIELDS, isCustomer: true, lastLocalCallTime: true, numbers: true };
  const results: ImportResult[] = [];
  const run = await store.archive.startImport(columns, 'add');
  try {
    for (const { list_id, name, fields } of lists) {
      const refusal = run.prepareList(list_id, name, fields ?? []);
      if (refusal !== undefined) throw new Error(refusal);
    }
    for (const [index, lead] of leads.entries()) {
      const early = run.write(
        {
          leadId: lead.lead_id,
          listId: lead.list_id,
          texts: LEAD_TEXT_FIELDS.map((field) => lead[field] ?? null),
          isCustomer: lead.isCustomer ?? false,
          lastLocalCallTime: lead.lastLocalCallTime ?? null,
          modifyDate: lead.modifyDate ?? '2026-01-01 00:00:00',
          numbers: (lead.further ?? [])
            .filter(({ isActive }) => isActive !== false)
            .map(({ label = null, number, phoneCode }) => ({
              label,
              number: phoneCode === undefined ? number : `+${phoneCode}${number}`,
            })),
          custom: new Map(lead.custom),
        },
        index + 1,
      );
      if (early !== undefined) results.push(early);
    }
    results.push(...(await run.commitBatch()));
    const refused = results.findIndex((result) => result !== 'added');
    if (refused >= 0) throw new Error(`lead ${leads[refused]?.lead_id}: ${JSON.stringify(results[refused])}`);
  } finally {
    await run.close();
  }
  for (const user of users) await addUser(store, user);
}

export async function addUser(
  { users }: Pick<OwnStore, 'users'>,
  { name, password, active, rights, lists }: DescribedUser,
): Promise<void> {
  const verifier = typeof password === 'string' ? await hashPassword(password) : password.verifier;
  await users.add({
    name,
    verifier,
    rights: rights ? rightsOf(rights) : USUAL_RIGHTS,
    lists: lists ?? 'every list',
  });
  if (active === false) await users.setActive(name, false);
}
