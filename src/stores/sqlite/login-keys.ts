import { createHmac } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/**
 * By what a store keeps user names and networks of those who try to log in: HMAC-SHA-256 with a secret of this store, in
 * base64url. The secret is in the same file: it keeps what people mistyped out of sight, not from somebody who guesses names
 * with the file in hand.
 */
export function createLoginKeys(database: DatabaseSync): (text: string) => string {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'login_secret'").get();
  const secret = String(row?.value);
  return (text) => createHmac('sha256', secret).update(text).digest('base64url');
}
