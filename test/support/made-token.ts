import { digestOf, endingOf, makeTokenSecret } from '../../src/auth/secrets.ts';
import type { TokenScope } from '../../src/core/credential-store.ts';
import type { Store } from '../../src/app.ts';
import type { ListScope } from '../../src/core/lead.ts';

const HOUR_MS = 3_600_000;

export interface MadeToken {
  readonly name: string;
  readonly scope?: TokenScope;
  readonly lists?: ListScope;
  /** Milliseconds of the wall clock; an hour from now by default. */
  readonly expiresAt?: number;
}

/** Makes a token as the command does. @returns its secret */
export function makeToken(
  { tokens }: Pick<Store, 'tokens'>,
  { name, scope = 'api', lists = 'every list', expiresAt = Date.now() + HOUR_MS }: MadeToken,
): string {
  const secret = makeTokenSecret();
  const entry = { name, scope, lists, expiresAt, createdAt: Date.now(), ending: endingOf(secret) };
  if (!tokens.add(entry, digestOf(secret))) throw new Error(`there is a token ${name}`);
  return secret;
}
