import { digestOf, endingOf, makeTokenSecret } from '../../src/access/secret.ts';
import type { TokenScope } from '../../src/access/key-store.ts';
import type { EmbeddedStore } from '../../src/app.ts';
import type { ListScope } from '../../src/lead/lead.ts';

export const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

export interface MadeToken {
  readonly name: string;
  readonly scope?: TokenScope;
  readonly lists?: ListScope;
  /** Milliseconds of the wall clock. */
  readonly expiresAt?: number;
}

/** Makes a token as the command does. @returns its secret */
export function makeToken(
  { tokens }: Pick<EmbeddedStore, 'tokens'>,
  { name, scope = 'api', lists = 'every list', expiresAt = Date.now() + YEAR_MS }: MadeToken,
): string {
  const secret = makeTokenSecret();
  const entry = { name, scope, lists, expiresAt, createdAt: Date.now(), ending: endingOf(secret) };
  if (!tokens.add(entry, digestOf(secret))) throw new Error(`there is a token ${name}`);
  return secret;
}

export function bearer(secret: string): Record<string, string> {
  return { authorization: `Bearer ${secret}` };
}

export function basic(name: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
}
