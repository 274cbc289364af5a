import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

import { hashPassword } from '../../src/access/password-hash.ts';
import { openStore, type EmbeddedConfig } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { LEAD_TEXT_FIELDS, type LeadTextField } from '../../src/lead/lead.ts';

export const LEADS = 1_000_000;
export const FIRST_LEAD_ID = 1;
export const USER = { name: 'bench', password: 'bench-password' } as const;

/** The benchmark's settings: the product's defaults, with the limits on a caller's rate raised, not removed. */
export function benchConfig(path: string): EmbeddedConfig {
  const { config } = loadConfig({ flags: {}, environment: {} });
  return {
    ...config,
    host: '127.0.0.1',
    port: 0,
    rateLimit: 1_000_000,
    walkLimit: 1_000_000,
    database: { engine: 'sqlite', path },
  };
}

/** The ten-digit Mexican number of a lead; each lead has its own. */
export function phoneOf(leadId: number): string {
  return String(5_500_000_000 + ((leadId * 7_919) % 90_000_000));
}

/** Makes the store of the benchmark once: it takes about a minute and is kept. */
export async function ensureBenchStore(path: string): Promise<void> {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.draft`;
  for (const suffix of ['', '-wal', '-shm']) rmSync(draft + suffix, { force: true });
  process.stderr.write(`making ${path} with ${LEADS.toLocaleString('en')} leads (once)\n`);
  await fillBenchStore(draft, LEADS, [USER.name]);
  renameSync(draft, path);
}

/** Makes a store with leads FIRST_LEAD_ID and following, and users who all have the password of USER. */
export async function fillBenchStore(
  path: string,
  leads: number,
  userNames: readonly string[],
): Promise<void> {
  const store = openStore(benchConfig(path), { create: true });
  const columns = { texts: LEAD_TEXT_FIELDS, isCustomer: true, lastLocalCallTime: true };
  const run = store.archive.startImport(columns, 'update');
  for (let list = 0; list < 10; list += 1) run.prepareList(1_000 + list, `List ${list}`, []);
  for (let leadId = FIRST_LEAD_ID; leadId < FIRST_LEAD_ID + leads; leadId += 1) {
    const fields = fieldsOf(leadId);
    run.write(
      {
        leadId,
        listId: 1_000 + (leadId % 10),
        texts: LEAD_TEXT_FIELDS.map((field) => fields[field] ?? null),
        isCustomer: leadId % 5 === 0,
        lastLocalCallTime: null,
        modifyDate: '2026-01-01 00:00:00',
        custom: new Map(),
      },
      leadId,
    );
    if (leadId % 20_000 === 0) run.commitBatch();
    if (leadId % 250_000 === 0) process.stderr.write(`  ${leadId.toLocaleString('en')}\n`);
  }
  run.commitBatch();
  run.close();
  const verifier = await hashPassword(USER.password);
  for (const name of userNames) store.users.add({ name, verifier, mayUseApi: true, lists: 'every list' });
  await store.close();
}

function fieldsOf(leadId: number): Partial<Record<LeadTextField, string>> {
  return {
    title: 'Sra',
    first_name: `María ${leadId % 5_000}`,
    last_name: `Hernández ${leadId % 9_973}`,
    phone_number: phoneOf(leadId),
    ...(leadId % 2 === 0 ? {} : { alt_phone: String(3_300_000_000 + leadId) }),
    email: `lead${leadId}@example.com`,
    address1: `Av. Reforma ${leadId % 3_000}`,
    address2: `Interior ${leadId % 50}`,
    address3: 'Col. Centro',
    city: 'Guadalajara',
    state: 'Jalisco',
    postal_code: String(10_000 + (leadId % 80_000)),
    country_code: 'MX',
    gender: 'F',
    date_of_birth: '1980-02-29',
    status: 'NEW',
    user: `agent${leadId % 50}`,
  };
}
