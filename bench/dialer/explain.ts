import { writeTable } from '../../src/process/terminal.ts';
import { numberParameters } from '../../src/stores/vicidial/stored-spellings.ts';
import { expectedParameters, type Parameter, textOf } from '../../src/stores/vicidial/rows.ts';
import type { Address } from '../../test/support/root-sql.ts';
import { phoneOf, USER } from '../lookups/store.ts';
import { FIRST_LIST } from './data.ts';
import { withSchemaCache } from './schema-cache.ts';

/** A lead of the first list with custom fields, and with a row in them. */
const LEAD = 1;

/** The plan of every statement that a lookup may run, as the server tells it. */
export function explainLookups(server: Address): Promise<{ text: string; scans: number }> {
  return withSchemaCache(server, async (cache, read) => {
    const { statements } = await cache.snapshot();
    const custom = await cache.custom(FIRST_LIST);
    if (typeof custom === 'string') throw new Error(custom);
    const number = phoneOf(LEAD);
    const expected = expectedParameters(USER.password);
    const { winner, match } = numberParameters(
      { asSent: number, digits: number, key: `52${number}` },
      'MX',
      false,
    );
    const byNumber = statements.steps.map((places, at) => {
      const bound = places.flatMap((place) => [...winner(place), ...expected, ...match(place), USER.name]);
      const what = at === 0 ? 'by phone_number' : 'by other numbers';
      return [what, statements.accountAndWinners[at] ?? '', [...expected, ...bound]] as const;
    });
    const byId = [...expected, ...expected, LEAD, USER.name];
    const named: readonly (readonly [string, string, readonly Parameter[]])[] = [
      ['by lead_id', statements.accountAndLead(undefined), byId],
      ['with the custom values that are expected', statements.accountAndLead(custom), byId],
      ['custom values alone', custom.statement, [LEAD]],
      ...byNumber,
      ['the lead found by it', statements.leadAndCustom(custom), [LEAD]],
      ['its further numbers', statements.further ?? 'DO 1', [LEAD, 1]],
    ];
    const rows: string[][] = [];
    for (const [name, sql, parameters] of named) {
      const steps = await read(`EXPLAIN ${sql}`, parameters);
      for (const [, , table, type, , key, , , count, extra] of steps) {
        rows.push([name, ...[table, type, key, count, extra].map((cell) => textOf(cell) ?? '')]);
      }
    }
    const scans = rows.filter(([, , type]) => type === 'ALL' || type === 'index').length;
    const head = ['lookup', 'table', 'type', 'key', 'rows', 'extra'];
    return { text: `${writeTable(head, rows)}\nscans: ${scans}`, scans };
  });
}
