import type { LookupResult } from '../../../core/lead-store.ts';
import { COUNTED_MATCHES } from '../../../core/lead.ts';
import type { Problem } from '../../../core/problem.ts';
import { MOST_AT_ONCE } from '../../../service/customers.ts';
import type { AdminRequest } from '../admin-request.ts';
import { type Asked, filterOf, fromOf, listsOf } from './asked.ts';

/** A page of customers. */
export interface FoundPage {
  readonly matches: readonly LookupResult[];
  /** How many there are on all pages, as far as they are counted; undefined: all leads were looked through, and nobody counts them. */
  readonly total: number | undefined;
  /** How many come before it, where they are counted. */
  readonly offset: number;
  /** Where the next page begins, as `Asked.from` says it; undefined: this is the last one. */
  readonly next: string | undefined;
  readonly isIndexing: boolean;
}

/** Finds a page of customers: by words or a number, or the newest. */
export async function findCustomers(
  { domain, context }: Pick<AdminRequest, 'domain' | 'context'>,
  asked: Asked,
): Promise<FoundPage | { readonly problem: Problem }> {
  const [filter, lists, from] = [filterOf(asked), listsOf(asked), fromOf(asked)];
  if (asked.text === '' && domain.findsNames()) {
    const found = await domain.lookThrough({ ...context, filter, lists, below: from, limit: MOST_AT_ONCE });
    if ('problem' in found) return found;
    const { matches, below } = found;
    const next = below === undefined ? undefined : String(below);
    return { matches, total: undefined, offset: 0, next, isIndexing: false };
  }
  const page = { offset: Math.min(from ?? 0, COUNTED_MATCHES), limit: MOST_AT_ONCE };
  const found = await (domain.findsNames()
    ? domain.searchText({ ...context, text: asked.text, field: 'q', page, lists, filter })
    : domain.search({ ...context, phone: asked.text, page, lists }));
  if ('problem' in found) return found;
  const { matches, total } = found.page;
  const end = page.offset + matches.length;
  const isLast = matches.length === 0 || end >= Math.min(total, COUNTED_MATCHES);
  const isIndexing = 'isIndexing' in found.page && found.page.isIndexing;
  return { matches, total, offset: page.offset, next: isLast ? undefined : String(end), isIndexing };
}
