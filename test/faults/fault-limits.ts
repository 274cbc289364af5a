/**
 * The limits of the fault tests. What is promised is for a machine that has nothing else to do;
 * what is asserted leaves room for a busy one, and what was measured is printed.
 */

/** How often what goes in rounds is done: `FAULT_ROUNDS=20 node --test test/faults/database-lost.test.ts` is the long form. */
export const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 3);

export const CLIENTS = 16;

/** Answered while the database stands still; promised: 2 s. */
export const ANSWERED_MS = 3_000;
/** Answered while it is known that the database does not answer; promised: 50 ms. */
export const REFUSED_MS = 500;
/** Answered when nothing listens where the database should be; promised: 1 s. */
export const FIRST_MS = 1_500;
/** Right again once the database answers; promised: 2 s. */
export const BACK_MS = 5_000;

/** A node of a cluster is used again after it is in step. */
export const USED_AGAIN_MS = 5_000;
/** Without a right answer while one node of a cluster fails. */
export const GAP_MS = 2_500;
/** Of all requests while one node of a cluster fails. */
export const ERROR_SHARE = 0.01;

/** A group of tests that takes so long hangs; each has minutes to spare. */
export const HANGS_MS = 300_000 + ROUNDS * 30_000;
