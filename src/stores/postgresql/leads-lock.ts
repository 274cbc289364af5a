import type { Read } from '../network/connector.ts';

const LOCK = `(hashtext(current_schema()), hashtext('leads'))`;
/** The server ends a transaction whose process says nothing for so many milliseconds, as one that is frozen: others wait for it. */
const LIMIT = `set_config('idle_in_transaction_session_timeout', '10000', true)`;

/** Waits for a batch of an import or an undo, and holds up the next one until the transaction ends. For whoever writes single leads. */
export async function shareLeads(run: Read): Promise<void> {
  await run(`SELECT ${LIMIT}, pg_advisory_xact_lock_shared${LOCK}`, []);
}

/** Keeps everybody else from writing leads until the transaction ends: a batch of an import or an undo is decided by what it has read. */
export async function lockLeads(run: Read): Promise<void> {
  await run(`SELECT ${LIMIT}, pg_advisory_xact_lock${LOCK}`, []);
}
