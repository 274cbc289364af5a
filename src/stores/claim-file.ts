/** The lock is one of SQLite's. */
export { claimFile } from './sqlite/transactions.ts';
