import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { openStore } from '../../src/stores/open-store.ts';
import { RIGHT_BIT } from '../../src/core/rights.ts';
import { digestOf } from '../../src/auth/secrets.ts';
import { LEAD_TEXT_FIELDS } from '../../src/core/lead.ts';
import { lookupEvent, openAudit } from '../audit/audit-fixture.ts';
import { CHEAP_VERIFIER } from '../service/lookup-fixture.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';

/** What a terminal would act on: C0, DEL, C1, direction marks and overrides, separators of lines, tags; and a name. */
export const NASTY =
  'Ñandú\u0007\b\t\u001b[31m\u001b]0;x\u0007\u007f\u0080\u0085\u009b31m\u009d\u200b\u200e\u202a\u202e\u2028\u2029\u2066\u2069\ufeff\u{e0001}x';

/** As a part of a path: what a file system takes. */
export const NASTY_NAME = NASTY.slice(0, 60);

export const NASTY_USER = `u${NASTY}`;

/** Everything in it that people may have written holds what a terminal would act on. */
export interface NastyStore {
  readonly folder: string;
  /** The store, for `--database`. */
  readonly database: string;
  readonly audit: string;
  /** The same, with records that hold such characters as they are. */
  readonly meddledAudit: string;
  /** A file of leads to import. */
  readonly leads: string;
}

export async function createNastyStore(): Promise<NastyStore> {
  const folder = join(temporaryFolder(), NASTY_NAME);
  mkdirSync(folder);
  const path = join(folder, 'store.db');
  const store = openStore(testConfig(path), { create: true });
  const texts = Object.fromEntries(LEAD_TEXT_FIELDS.map((field) => [field, NASTY]));
  const custom = [['note', `${NASTY}\r\n${NASTY}`]] as const;
  await fillEmbedded(store, {
    lists: [{ list_id: 1, name: NASTY, fields: [{ label: 'note', type: 'AREA' }] }],
    leads: [
      { ...texts, lead_id: 1, list_id: 1, phone_number: '5512345678', custom },
      // One that may go.
      { ...texts, lead_id: 5, list_id: 1, phone_number: '5512345000' },
    ],
    users: [{ name: NASTY_USER, password: { verifier: CHEAP_VERIFIER } }],
  });
  const token = { name: NASTY, rights: RIGHT_BIT.read, lists: 'every list', ending: NASTY } as const;
  await store.tokens.add(
    { ...token, createdAt: Date.now(), expiresAt: Date.now() + 1_000_000 },
    digestOf(NASTY),
  );
  await store.close();
  const audit = join(folder, 'audit');
  const { writer } = openAudit(audit);
  const event = { user: NASTY, address: NASTY, requestId: NASTY };
  await writer.record(lookupEvent(event));
  await writer.record(lookupEvent({ ...event, result: 'call_notified', recipient: NASTY }));
  await writer.close();
  // Records are ASCII as they are written. Somebody has written these anew.
  const meddledAudit = join(folder, 'meddled');
  cpSync(audit, meddledAudit, { recursive: true });
  for (const name of readdirSync(meddledAudit).filter((each) => each.endsWith('.jsonl'))) {
    const path = join(meddledAudit, name);
    const raw = (_: string, code: string) => String.fromCharCode(Number.parseInt(code, 16));
    writeFileSync(path, readFileSync(path, 'latin1').replace(/\\u(00[89][0-9a-f]|[2-f][0-9a-f]{3})/g, raw));
  }
  const leads = join(folder, `${NASTY_NAME}.csv`);
  // The first row has no telephone number, and is rejected with a reason that repeats it.
  writeFileSync(leads, `phone_number,first_name\n"${NASTY}",x\n5587654321,"${NASTY}"\n`);
  return { folder, database: `sqlite:${path}`, audit, meddledAudit, leads };
}
