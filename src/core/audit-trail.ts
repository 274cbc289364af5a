import { endOfTick } from './clock.ts';
import type { LookupEvent } from './lookup-event.ts';

/** The audit cannot be written: nobody gets to see what was found; the cause is for the log. */
export class AuditFailure extends Error {
  constructor(cause: unknown) {
    super('the audit failed', { cause });
    this.name = 'AuditFailure';
  }
}

/** The port that records who was shown what (docs/decisions/0011-audit.md). */
export interface AuditTrail {
  /**
   * For what reveals something about leads: resolves once its record is written. Only then may anybody see the answer.
   * Never before the end of the tick: records and answers of one tick leave together.
   *
   * @throws {AuditFailure} it was not written
   */
  record(event: LookupEvent): Promise<void>;
  /** For what reveals nothing of leads: nobody waits for its record. What cannot be written is counted. */
  note(event: LookupEvent): void;
}

/** Where the operator has switched the audit off. */
export const NO_AUDIT: AuditTrail = {
  record: endOfTick,
  note: () => undefined,
};
