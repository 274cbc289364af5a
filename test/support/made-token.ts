import { digestOf, endingOf, makeTokenSecret } from '../../src/access/secret.ts';
import type { TokenScope } from '../../src/access/key-store.ts';
import type { Store } from '../../src/app.ts';
import type { ListScope } from '../../src/lead/lead.ts';

const HOUR_MS = 3_600_000;

/** A token as the operator makes one; good for an hour. */
export function makeToken(
  { tokens }: Pick<Store, 'tokens'>,
  name: string,
  scope: TokenScope,
  lists: ListScope = 'every list',
): string {
  const secret = makeTokenSecret();
  const now = Date.now();
  const entry = { name, scope, lists, createdAt: now, expiresAt: now + HOUR_MS, ending: endingOf(secret) };
  if (!tokens.add(entry, digestOf(secret))) throw new Error(`there is a token ${name}`);
  return secret;
}
