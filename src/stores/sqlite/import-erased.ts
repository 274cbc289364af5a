import { dateOf, DAY_MS } from '../../core/days.ts';
import type { ImportDescription, ImportRow } from '../../core/lead-archive.ts';
import type { Connection } from './connection.ts';
import { createErasedNumbers } from './erased-numbers.ts';
import type { createRowValues } from './import-values.ts';
import { eachKey, PART } from './lead-numbers.ts';

/**
 * Rows of an import that would bring somebody back who was erased: by one of the numbers, or by the lead's id.
 *
 * @param erasedDays for so long they are known
 * @returns why a row that would become a new lead is not taken; undefined: it is
 */
export function createErasedCheck(
  { database, country }: Connection,
  values: ReturnType<typeof createRowValues>,
  erasedDays: number,
  description: ImportDescription | undefined,
): (row: ImportRow) => string | undefined {
  const days = description?.includesErased === true ? 0 : erasedDays;
  const now = Date.now();
  const find = createErasedNumbers(database).search(days, now);
  const byId = database.prepare('SELECT at FROM erased_leads WHERE lead_id = ? AND at >= ? AND is_wish = 1');
  const isAnyId = database.prepare('SELECT 1 FROM erased_leads LIMIT 1').get() !== undefined;
  if (days === 0 || (find === undefined && !isAnyId)) return () => undefined;

  function dateById(leadId: number | undefined): string | undefined {
    const erased = leadId === undefined ? undefined : byId.get(leadId, now - days * DAY_MS);
    return erased === undefined ? undefined : dateOf(Number(erased.at));
  }

  return (row) => {
    const keys: string[] = [];
    eachKey(values.newLeadOf(row.leadId ?? 0, row, ''), country, (key, part) => {
      if (part !== PART.address3 && part !== PART.block) keys.push(key);
    });
    const date = dateById(row.leadId) ?? find?.(keys);
    return date && `was erased at the person's wish on ${date}; --include-erased takes it`;
  };
}
