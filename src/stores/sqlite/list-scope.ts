import type { ListScope } from '../../core/lead.ts';

/** As a restriction to lists is stored: a JSON array of their ids; null where there is none. */
export function listsOf(scope: ListScope): string | null {
  return scope === 'every list' ? null : JSON.stringify(scope);
}

/** A restriction that cannot be read as a whole allows nothing. */
export function scopeOf(json: unknown): ListScope {
  if (json === null) return 'every list';
  try {
    const lists: unknown = JSON.parse(json as string);
    return Array.isArray(lists) && lists.every((id): id is number => Number.isSafeInteger(id)) ? lists : [];
  } catch {
    return [];
  }
}
