import { join } from 'node:path';

import { hashPassword } from '../../src/auth/password-hash.ts';
import type { DomainConfig } from '../../src/config/settings.ts';
import { openPostgresql } from '../../src/stores/postgresql/open-postgresql.ts';
import { USUAL_RIGHTS } from '../../test/stores/described-store.ts';
import { ACCOUNT } from '../../test/stores/postgresql/filled-store.ts';
import type { PostgresqlServer } from '../../test/support/postgresql-server.ts';
import { USER } from '../lookups/store.ts';
import { benchConfig } from '../postgres/config.ts';

/** Tables with leads, and their columns that are not computed. */
const FILLED: Readonly<Record<string, string>> = {
  leads: '*',
  lead_numbers: '*',
  search_texts: 'lead_id, text',
};

export function nameOf(domain: number): string {
  return `d${String(domain).padStart(4, '0')}`;
}

export function hostOf(domain: number): string {
  return `${nameOf(domain)}.example.net`;
}

/** One domain: a schema of the database, and an audit in a folder of its own. */
export function domainConfig(server: string, folder: string, domain: number): DomainConfig {
  const name = nameOf(domain);
  const config = benchConfig(addressOf(server, domain), join(folder, name));
  return { name, hosts: [hostOf(domain)], isFallback: false, config };
}

/** @param server host and port */
export function addressOf(server: string, domain: number): string {
  const password = encodeURIComponent(ACCOUNT.password);
  return `postgres://${ACCOUNT.user}:${password}@${server}/calls?schema=${nameOf(domain)}`;
}

/** Makes the stores of domains 2 and following, with the leads of the first. @returns milliseconds of each */
export async function makeDomains(
  server: PostgresqlServer,
  folder: string,
  domains: number,
): Promise<readonly number[]> {
  const verifier = await hashPassword(USER.password);
  const times: number[] = [];
  for (let domain = 1; domain <= domains; domain += 1) {
    const { config } = domainConfig(`${server.host}:${server.port}`, folder, domain);
    if (config.database.engine !== 'postgresql') throw new Error('it is not in PostgreSQL');
    const began = performance.now();
    const store = openPostgresql({ ...config, database: config.database }, { mayMigrate: true });
    await store.users.add({ name: USER.name, verifier, rights: USUAL_RIGHTS, lists: 'every list' });
    await store.close();
    times.push(performance.now() - began);
    if (domain > 1) await copyLeads(server, domain);
    if (domain % 25 === 0) process.stderr.write(`${domain} domains made\n`);
  }
  return times;
}

async function copyLeads(server: PostgresqlServer, domain: number): Promise<void> {
  const copies = Object.entries(FILLED).map(([table, columns]) => {
    const named = columns === '*' ? '' : ` (${columns})`;
    return `INSERT INTO ${nameOf(domain)}.${table}${named} SELECT ${columns} FROM ${nameOf(1)}.${table};`;
  });
  await server.runSql(copies.join('\n'), 'calls');
}
