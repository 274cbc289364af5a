import type { Read } from './rows.ts';
import { textOf } from './rows.ts';
import { createCached } from './schema-cache.ts';
import type { HistoryTables } from './history-rules.ts';

/** Both tables together have a few hundred. */
const MOST_STATUSES = 20_000;

/** The name of a status in a campaign; the status itself where it has none. */
export type NameOfStatus = (status: string, campaign: string | undefined) => string;

/** The names that the dialer shows for statuses: a campaign's own before those of all. They are read together, and kept for a while. */
export function createStatusNames(read: Read, tables: () => Promise<HistoryTables>) {
  const names = createCached(async () => {
    const found = await tables();
    const readOf = async (table: string, ...columns: readonly string[]) => {
      const isThere = columns.every((column) => found.get(table)?.columns.has(column) === true);
      const rows = isThere
        ? await read(`SELECT ${columns.join(', ')} FROM ${table} LIMIT ${MOST_STATUSES}`, [])
        : [];
      return rows.map((row) => row.map((cell) => textOf(cell) ?? ''));
    };
    const [ofAll, ofCampaigns] = await Promise.all([
      readOf('vicidial_statuses', 'status', 'status_name'),
      readOf('vicidial_campaign_statuses', 'status', 'status_name', 'campaign_id'),
    ]);
    return new Map(
      [...ofCampaigns, ...ofAll].flatMap(([status = '', name = '', campaign]) =>
        name === '' ? [] : [[keyOf(status, campaign), name] as const],
      ),
    );
  });
  return async (): Promise<NameOfStatus> => {
    const known = await names.get();
    return (status, campaign) => known.get(keyOf(status, campaign)) ?? known.get(keyOf(status)) ?? status;
  };
}

/** The dialer compares them without case. */
function keyOf(status: string, campaign = ''): string {
  return `${campaign}\0${status}`.toLowerCase();
}
