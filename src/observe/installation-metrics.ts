import type { LookupEvent } from '../core/lookup-event.ts';
import { writeExposition } from './exposition.ts';
import { createLookupCounts } from './lookup-counts.ts';
import { Collector, type Snapshot, type Source } from './measured.ts';
import { createProcessReadings } from './readings.ts';

/** What one process measures. */
export interface InstallationMetrics {
  note(event: LookupEvent): void;
  measure(): Snapshot;
  /** What it measures as text, for where it is alone. */
  write(): string;
  /** Begins to watch the process itself. */
  start(): void;
  stop(): void;
}

/**
 * @param domains the names of those that are there from the start
 * @param sources what else there is to read
 */
export function createInstallationMetrics(
  domains: readonly string[],
  sources: readonly Source[],
): InstallationMetrics {
  const lookups = createLookupCounts(domains);
  const own = createProcessReadings();
  const all: readonly Source[] = [(sheet) => lookups.read(sheet), ...sources, readWorker, own.read];

  function measure(): Snapshot {
    const sheet = new Collector();
    for (const read of all) read(sheet);
    return sheet.measured;
  }

  return {
    note: (event) => lookups.note(event),
    measure,
    write: () => writeExposition(measure()),
    start: () => own.start(),
    stop: () => own.stop(),
  };
}

/** Each process that answers counts itself, so that their sum is how many there are. */
function readWorker(sheet: Collector): void {
  sheet.put('callercard_workers', 1, { state: 'answering' });
}
