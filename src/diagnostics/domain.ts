import { existsSync } from 'node:fs';

import type { AuditPlace } from '../audit/audit-source.ts';
import { auditFolderOf, isAuditInDatabase } from '../config/domains.ts';
import type { Config } from '../config/settings.ts';
import { dayOf } from '../core/daily-leads.ts';
import type { Inspection } from '../core/store.ts';
import type { OpenedStore } from '../stores/open-store.ts';
import { isOwnStore } from '../stores/store-config.ts';
import { inspectAsterisk } from './asterisk.ts';
import { inspectAudit, inspectAuditTable } from './audit.ts';
import { inspectDisk } from './disk.ts';
import { inspectFileRights, trustedGroups } from './file-rights.ts';
import { dataFolderOf, domainFiles } from './guarded-files.ts';
import { inspectDailyLeads, inspectTokens } from './settings.ts';
import { inspectStore, isUsable } from './store.ts';
import { inspectUnusedRights, type RightsHolder, tokenHolders } from './unused-rights.ts';

/** Where the audit of a domain is, to be read; undefined: it is off. It is to be closed with `closeAuditPlace`. */
export async function openAuditPlace(config: Config): Promise<AuditPlace | undefined> {
  if (!isAuditInDatabase(config)) return auditFolderOf(config);
  const { readAuditTable } = await import('../stores/store-schemas.ts');
  return readAuditTable(config);
}

/** Never rejects. */
export async function closeAuditPlace(audit: AuditPlace | undefined): Promise<void> {
  if (typeof audit === 'object') await audit.close().catch(() => undefined);
}

/** Inspects the files of a domain, and its audit. */
export async function* inspectFiles(
  config: Config,
  audit: AuditPlace | undefined,
): AsyncGenerator<Inspection> {
  yield* inspectFileRights(domainFiles(config), trustedGroups(dataFolderOf(config)));
  yield* inspectDisk([dataFolderOf(config), ...(typeof audit === 'string' ? [audit] : [])]);
  yield await inspectAuditPlace(audit);
}

/** Inspects an audit, wherever it is. */
export async function inspectAuditPlace(audit: AuditPlace | undefined): Promise<Inspection> {
  return typeof audit === 'object' ? inspectAuditTable(audit) : inspectAudit(audit);
}

/** Inspects the store of a domain, its tokens, and who has rights that nobody uses. */
export async function* inspectContent(
  config: Config,
  store: OpenedStore,
  audit: AuditPlace | undefined,
): AsyncGenerator<Inspection> {
  yield* inspectStore(store);
  if (!(await isUsable(store))) return;
  const { asterisk, agents } = config;
  if (asterisk !== undefined) yield* await inspectAsterisk({ asterisk, agents }, store);
  // A state file that nobody has made holds none, and a check makes nothing.
  if (!isOwnStore(config) && !existsSync(config.stateFile)) return;
  const now = Date.now();
  const tokens = await store.tokens.list();
  yield* inspectTokens(tokens, now);
  const holders = [...(await userHolders(store)), ...tokenHolders(tokens, now)];
  const unused = audit === undefined ? undefined : await inspectUnusedRights(audit, holders, now);
  if (unused !== undefined) yield unused;
  yield* inspectDailyLeads(await store.dailyLeads.reported(dayOf(now)));
}

/** The users whose rights are given here: a dialer's may use theirs elsewhere. */
async function userHolders(store: OpenedStore): Promise<readonly RightsHolder[]> {
  return 'users' in store ? (await store.users.list()).filter(({ active }) => active) : store.grants().list();
}
