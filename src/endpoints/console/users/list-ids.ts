import { type ListScope, MAX_LIST_ID } from '../../../core/lead.ts';

/** In a field where nothing stands for every list. */
const NO_LIST = 'none';

/** Lists as a field of a form has them: what is not changed there is read back as it was. */
export function writeListIds(lists: ListScope): string {
  if (lists === 'every list') return '';
  return lists.length === 0 ? NO_LIST : lists.join(', ');
}

/** @returns undefined: it cannot be read */
export function readListIds(field: string): ListScope | undefined {
  const text = field.trim();
  if (text === '') return 'every list';
  if (text === NO_LIST) return [];
  const ids = text.split(',').map((part) => part.trim());
  const isId = (id: string) => /^\d{1,14}$/.test(id) && Number(id) > 0 && Number(id) <= MAX_LIST_ID;
  return ids.every(isId) ? ids.map(Number) : undefined;
}
