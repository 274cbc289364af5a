import { chmodSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { temporaryFolder } from '../support/test-app.ts';

/** What version 0.1 left behind; README.md there says what each file is. */
const FIXTURE = join(import.meta.dirname, '..', 'fixtures', '0.1');

/** The users of `store.db`, by name. */
export const PASSWORDS = {
  /** Every list; signed in at the card when 0.1 stopped. */
  ana: 'ana reads every list',
  /** List 102 only. */
  José: 'José reads policies only',
  /** Has no right to the API. */
  nightjob: 'nightjob may not ask',
  /** Disabled. */
  former: 'former has left',
  /** Has 10 failed logins: locked. */
  forgot: 'forgot ten times',
  /** Has 9 failed logins. */
  typo: 'typo nine times',
} as const;

/** The tokens of `store.db`. */
export const TOKENS = {
  /** Scope `api`. */
  crm: 'cc_Mi51xrhhJUoMFPk3FNr8jW1XfjQwBYB7u-Awu-Cy-4M',
  /** Scope `api`, list 102 only. */
  policies: 'cc_Dy1wJEl7SZojA-Vy858nGgp5U_18bO3KcxfFlu4A1v8',
  /** Scope `caller-id`, list 101 only. */
  phones: 'cc_EJeUYZ2YTP2VAeVtFI-qYIPrz3OdI5D5jflMO38Waas',
  /** Revoked. */
  stolen: 'cc_1XLnGHH_QGyy3Su0TvOXoj79YDFYSl9YnkCig1O5-Bw',
} as const;

/** The cookie that `ana` has from the card. */
export const CARD_SESSION = '46pktITLJqaVj6_lk0tR4UlHXYnNQS7oVMXoetnIzVw';

/** The tokens of `state.db`, and the cookie that the dialer's user `MyUser` has from the card. */
export const DIALER_TOKENS = {
  /** Scope `api`. */
  crm: 'cc_jceW0o-BBU0IAKJecfukU6t7TOcX6CRw_vGN1lpd3SI',
  /** Scope `caller-id`. */
  phones: 'cc_lYw6HcxL7ZaCrU8bHliTxoL7gAnZ0VVoZrYfVERW5d0',
  /** Revoked. */
  lost: 'cc_MlkMoTXsaTzHwnJfrGS3XvT2GUM7O4bgBUxWqJ1oId4',
} as const;
export const DIALER_CARD_SESSION = 'D3pAOBW5CmUebgJnFrqwVPlUqjDyovTrRSZb679h3Qk';

/** The folder with a copy of everything, as if 0.1 had stopped there just now. It goes when the test's process ends. */
export function copyFixture(): string {
  const folder = temporaryFolder();
  cpSync(FIXTURE, folder, { recursive: true });
  for (const name of ['store.db', 'state.db']) {
    const path = join(folder, name);
    chmodSync(path, 0o600);
    moveTimes(path);
  }
  return folder;
}

/**
 * Locks last for minutes, sessions for hours and tokens for years, and all of them are tested: so their times move with the
 * test's. The tables are those of 0.1, because nobody but 0.1 has opened the file.
 */
function moveTimes(path: string): void {
  const database = new DatabaseSync(path);
  try {
    const { stopped } = database
      .prepare('SELECT max(last_failed_at) AS stopped FROM login_failures')
      .get() as { stopped: number };
    const passed = Date.now() - stopped;
    database.exec(`
      UPDATE login_failures SET last_failed_at = last_failed_at + ${passed};
      UPDATE sessions SET expires_at = expires_at + ${passed};
      UPDATE tokens SET expires_at = expires_at + ${passed}, created_at = created_at + ${passed};`);
  } finally {
    database.close();
  }
}

/** A file of the fixture, as it is. */
export function readFixture(name: string): string {
  return readFileSync(join(FIXTURE, name), 'utf8');
}
