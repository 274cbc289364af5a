import { mariadbSkip } from '../../test/support/mariadb-server.ts';
import { measureConnections, measureEmbedded } from './embedded.ts';
import { measureImported } from './imported.ts';
import type { PartReport } from './report.ts';
import { measureServed, measureWorkers } from './served.ts';
import { measureDialer, measureSizes } from './sizes.ts';

/** The parts of `npm run bench -- --all`, in their order. */
export const PARTS = {
  embedded: measureEmbedded,
  sizes: measureSizes,
  dialer: measureDialerIfThere,
  workers: measureWorkers,
  served: measureServed,
  import: measureImported,
  connections: measureConnections,
} as const satisfies Readonly<Record<string, () => Promise<PartReport>>>;

export type PartName = keyof typeof PARTS;
export const PART_NAMES = Object.keys(PARTS) as PartName[];

/** What was asked of it is then not reached. */
function measureDialerIfThere(): Promise<PartReport> {
  if (mariadbSkip !== false) throw new Error(mariadbSkip);
  return measureDialer();
}
