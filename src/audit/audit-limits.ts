import { messageOf } from '../core/problem.ts';

/** Sizes and times of an audit. */
export const AUDIT_LIMITS = {
  /** A file of this size is followed by another. */
  fileBytes: 100 * 1024 * 1024,
  /** How often a failed write is tried again, whether or not a lookup comes. */
  retryMs: 1_000,
  /** How often the file is checked for having been moved or changed. */
  checkMs: 1_000,
  /** A sync that takes longer counts as failed. */
  syncMs: 2_000,
  /**
   * Records a second, twice that in a burst, of refused lookups. Strangers could fill the disk with them, and so stop
   * everybody; beyond it they are only counted. At most 0.5 GB a day for each domain, shared by its workers.
   */
  notesPerSecond: 20,
} as const;

export type AuditLimits = { readonly [Limit in keyof typeof AUDIT_LIMITS]: number };

const FOLDER_ADVICE = 'give this user a folder that it may write to: --audit FOLDER';

/** Why nobody can be served, and what the operator can do; one sentence. */
export class AuditRefusal extends Error {
  constructor(folder: string, cause: unknown, advice = FOLDER_ADVICE) {
    super(`the audit cannot be written in ${folder} (${messageOf(cause)}); ${advice}`, { cause });
    this.name = 'AuditRefusal';
  }
}
