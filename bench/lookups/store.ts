import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { hashPassword } from '../../src/auth/password-hash.ts';
import { openStore } from '../../src/stores/open-store.ts';
import type { EmbeddedConfig } from '../../src/stores/store-config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { USUAL_RIGHTS } from '../../test/stores/described-store.ts';

/** What takes long to make is kept here. */
export const BENCH_FOLDER = join(import.meta.dirname, '..', '..', '.bench');
export const LEADS = 1_000_000;
export const FIRST_LEAD_ID = 1;
export const USER = { name: 'bench', password: 'bench-password' } as const;

/** The limits on a caller's rate are raised, not removed. */
export const RAISED_LIMITS = { rateLimit: 1_000_000, enumerationLimit: 1_000_000 } as const;

/** The benchmark's settings: the product's defaults, with those limits. */
export function benchConfig(path: string): EmbeddedConfig {
  const { config } = loadConfig({ flags: {}, environment: {} });
  return {
    ...config,
    host: '127.0.0.1',
    port: 0,
    ...RAISED_LIMITS,
    database: { engine: 'sqlite', path },
  };
}

/** The ten-digit Mexican number of a lead; each lead has its own. */
export function phoneOf(leadId: number): string {
  return String(5_500_000_000 + ((leadId * 7_919) % 90_000_000));
}

/**
 * A store with so many leads, made once and kept: 10,000,000 take about two minutes.
 *
 * @returns its path
 */
export async function ensureBenchStore(leads = LEADS): Promise<string> {
  const path = join(BENCH_FOLDER, `leads-${leads}.db`);
  if (existsSync(path)) return path;
  mkdirSync(BENCH_FOLDER, { recursive: true });
  const draft = `${path}.draft`;
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(draft + suffix, { force: true });
  process.stderr.write(`making a store with ${leads.toLocaleString('en')} leads (once)\n`);
  await fillBenchStore(draft, leads, [USER.name]);
  renameSync(draft, path);
  return path;
}

/** Makes a store with leads FIRST_LEAD_ID and following, and users who all have the password of USER. */
export async function fillBenchStore(
  path: string,
  leads: number,
  userNames: readonly string[],
): Promise<void> {
  const store = openStore(benchConfig(path), { create: true });
  const verifier = await hashPassword(USER.password);
  for (const name of userNames)
    await store.users.add({ name, verifier, rights: USUAL_RIGHTS, lists: 'every list' });
  await store.close();
  fillByStatements(path, leads);
}

const LEADS_AT_ONCE = 500_000;

/** Much faster than an import: by SQL alone, the indexes afterwards, and nothing kept for the case of a crash. */
function fillByStatements(path: string, leads: number): void {
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;
      PRAGMA temp_store = FILE`);
    const indexes = database
      .prepare(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name IN ('leads', 'lead_numbers') AND sql IS NOT NULL",
      )
      .all() as { name: string; sql: string }[];
    for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);
    for (let list = 0; list < 10; list += 1) {
      database.exec(`INSERT INTO lists (list_id, name) VALUES (${1_000 + list}, 'List ${list}')`);
    }
    const inserts = [database.prepare(INSERT_LEADS), ...INSERT_NUMBERS.map((sql) => database.prepare(sql))];
    const log = (progress: string) =>
      leads > LEADS_AT_ONCE && process.stderr.write(`  ${progress.padEnd(40)}\r`);
    for (let first = FIRST_LEAD_ID; first < FIRST_LEAD_ID + leads; first += LEADS_AT_ONCE) {
      const last = Math.min(first + LEADS_AT_ONCE, FIRST_LEAD_ID + leads) - 1;
      // A number would be bound as a fraction.
      for (const insert of inserts) insert.run(BigInt(first), BigInt(last));
      log(`${last.toLocaleString('en')} of ${leads.toLocaleString('en')} leads`);
    }
    for (const { name, sql } of indexes) {
      log(name);
      database.exec(sql);
    }
    database.exec('PRAGMA journal_mode = WAL');
  } finally {
    database.close();
  }
}

/** Binds the first and the last lead id. */
const INSERT_LEADS = `
  WITH RECURSIVE ids(id) AS (SELECT ?1 UNION ALL SELECT id + 1 FROM ids WHERE id < ?2),
  numbered AS (
    SELECT id, CAST(5500000000 + (id * 7919) % 90000000 AS TEXT) AS phone,
      CASE WHEN id % 2 = 0 THEN NULL ELSE CAST(3300000000 + id AS TEXT) END AS other
    FROM ids
  )
  INSERT INTO leads (lead_id, list_id, title, first_name, last_name, phone_number, alt_phone, email, address1, address2,
    address3, city, state, postal_code, country_code, gender, date_of_birth, status, user, is_customer, modify_date)
  SELECT id, 1000 + id % 10, 'Sra', 'María ' || (id % 5000), 'Hernández ' || (id % 9973), phone, other,
    'lead' || id || '@example.com', 'Av. Reforma ' || (id % 3000), 'Interior ' || (id % 50), 'Col. Centro', 'Guadalajara',
    'Jalisco', CAST(10000 + id % 80000 AS TEXT), 'MX', 'F', '1980-02-29', 'NEW', 'agent' || (id % 50), id % 5 = 0,
    '2026-01-01 00:00:00'
  FROM numbered`;

/** Of these leads. The keys are those of `src/core/phone.ts` for ten Mexican digits. */
const INSERT_NUMBERS = ['phone_number', 'alt_phone'].map(
  (column, part) => `
  INSERT INTO lead_numbers
  SELECT lead_id, '52' || ${column}, ${part}, 0, ${column}, list_id, last_local_call_time, modify_date
  FROM leads WHERE lead_id BETWEEN ?1 AND ?2 AND ${column} IS NOT NULL`,
);
