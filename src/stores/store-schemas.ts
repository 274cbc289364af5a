/** What is in PostgreSQL beside the store: copies of it, an audit, and what machines that share it tell each other. */
export { openAuditTable, readAuditTable } from './postgresql/audit-table.ts';
export { makeSchema, readSchema } from './postgresql/copied-schema.ts';
export { openStoreLeases } from './postgresql/open-leases.ts';
export { openStoreRelay } from './postgresql/open-relay.ts';
export { createSharedServers, type SharedServers } from './postgresql/shared-servers.ts';
