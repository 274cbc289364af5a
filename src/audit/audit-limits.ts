/** Sizes and times of an audit trail. */
export const AUDIT_LIMITS = {
  /** A file of this size is followed by another. */
  fileBytes: 100 * 1024 * 1024,
  /** While the audit cannot be written it is tried so often, whether somebody asks or not. */
  retryMs: 1_000,
  /** How often it is looked whether somebody removed the file. */
  lookMs: 1_000,
  /** Where records wait for the disk: longer than this is as if it could not be written. */
  syncMs: 2_000,
  /**
   * Records a second, twice that in a burst, of lookups that told nothing. Strangers could fill the disk with them, and
   * so stop everybody; beyond it they are counted. At most 0.5 GB a day for each domain, shared by its workers.
   */
  notesPerSecond: 20,
} as const;

export type AuditLimits = { readonly [Limit in keyof typeof AUDIT_LIMITS]: number };
