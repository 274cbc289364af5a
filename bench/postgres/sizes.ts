import { openPostgresql } from '../../src/stores/postgresql/open-postgresql.ts';
import type { PostgresqlServer } from '../../test/support/postgresql-server.ts';
import { byLead } from '../lookups/requests.ts';
import { benchConfig } from './config.ts';
import { addBenchUser, byNumber, type Candidate, compareServers, type LookupFigures } from './lookups.ts';

/** Of the second for each of the first. */
const SIZES = [10_000, 10_000_000] as const;

/** Lookups from a large store beside those from a small one, every second one by number; the small one first. */
export async function measureSizes(
  server: PostgresqlServer,
  address: string,
  folder: string,
): Promise<readonly LookupFigures[]> {
  const candidates: Candidate[] = [];
  for (const leads of SIZES) {
    const schema = `leads_${leads}`;
    const ofSchema = `${address}?schema=${schema}`;
    await makeLeads(server, ofSchema, schema, leads, folder);
    candidates.push({
      name: `${leads.toLocaleString('en')} leads`,
      kind: 'callercard',
      address: ofSchema,
      traffic: {
        target: (leadId) => (leadId % 2 === 0 ? byLead(leadId) : byNumber(leadId)),
        leads: { first: 1, count: leads },
      },
    });
  }
  return compareServers(server, folder, candidates);
}

/** The leads that `writeLeads` invents, as far as lookups tell them apart, made by the server itself: their import takes long. */
async function makeLeads(
  server: PostgresqlServer,
  address: string,
  schema: string,
  leads: number,
  folder: string,
): Promise<void> {
  const store = openPostgresql(benchConfig(address, folder), { mayMigrate: true });
  await store.begin?.();
  await store.close();
  await addBenchUser(address, folder);
  await server.runSql(
    `SET search_path = ${schema};
     CREATE TEMPORARY TABLE made AS
       SELECT at + 1 AS lead_id, 101 + at % 20 AS list_id, (2000000000 + (at * 7368787) % 7999999993)::text AS phone
       FROM generate_series(0, ${leads} - 1::bigint) AS at;
     INSERT INTO leads (lead_id, list_id, title, first_name, last_name, phone_number, email, address1, city, state, postal_code,
       country_code, gender, date_of_birth, status, "user", comments, modify_date)
     SELECT lead_id, list_id, 'Sra', 'María', 'Hernández ' || lead_id % 977, phone, 'lead' || lead_id || '@example.com',
       'Av. Juárez ' || lead_id % 2000 || ', Col. Centro', 'Guadalajara', 'Jalisco', '44000', 'MX', 'F', '1950-01-01', 'NEW',
       'agent' || lead_id % 30, 'Additional information was requested', '2026-01-01 00:00:00' FROM made;
     INSERT INTO lead_numbers (lead_id, key, part, reading, number, list_id, modify_date)
     SELECT lead_id, '52' || phone, 0, 0, phone, list_id, '2026-01-01 00:00:00' FROM made;
     DROP TABLE made;`,
    'calls',
  );
  for (const table of ['leads', 'lead_numbers'])
    await server.runSql(`VACUUM ANALYZE ${schema}.${table}`, 'calls');
  await server.runSql(
    `CREATE EXTENSION IF NOT EXISTS pg_prewarm;
     SELECT sum(pg_prewarm(oid)) FROM pg_class WHERE relnamespace = '${schema}'::regnamespace AND relkind IN ('r', 'i');`,
    'calls',
  );
}
