import type { Read } from '../network/connector.ts';

const LOCK = `(hashtext(current_schema()), hashtext('leads'))`;
/** The server ends a transaction whose process says nothing for so many milliseconds, as one that is frozen: others wait for it. */
const LIMIT = `set_config('idle_in_transaction_session_timeout', '10000', true)`;

/** Who writes some leads: at the same time as others, and not while an import writes a batch. Until the transaction ends. */
export async function shareLeads(run: Read): Promise<void> {
  await run(`SELECT ${LIMIT}, pg_advisory_xact_lock_shared${LOCK}`, []);
}

/** A batch of an import or an undo, which is decided by leads that nobody changes meanwhile. Until the transaction ends. */
export async function lockLeads(run: Read): Promise<void> {
  await run(`SELECT ${LIMIT}, pg_advisory_xact_lock${LOCK}`, []);
}
