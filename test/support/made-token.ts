import { digestOf, endingOf, makeTokenSecret } from '../../src/auth/secrets.ts';
import type { Store } from '../../src/core/store.ts';
import type { ListScope } from '../../src/core/lead.ts';
import { type Right, rightsOf } from '../../src/core/rights.ts';

const HOUR_MS = 3_600_000;

export interface MadeToken {
  readonly name: string;
  /** Not named: all of /v1. */
  readonly scope?: readonly Right[];
  readonly lists?: ListScope;
  /** Milliseconds of the wall clock; an hour from now by default. */
  readonly expiresAt?: number;
}

/** Makes a token in the embedded store, as the command does. @returns its secret */
export function makeToken(store: Pick<Store, 'tokens'>, token: MadeToken): string {
  const { secret, added } = addToken(store, token);
  // It has been added when this returns.
  void added;
  return secret;
}

/** The same, in any store. */
export async function madeToken(store: Pick<Store, 'tokens'>, token: MadeToken): Promise<string> {
  const { secret, added } = addToken(store, token);
  await added;
  return secret;
}

function addToken(
  { tokens }: Pick<Store, 'tokens'>,
  { name, scope = ['read', 'calls'], lists = 'every list', expiresAt = Date.now() + HOUR_MS }: MadeToken,
): { readonly secret: string; readonly added: Promise<void> } {
  const secret = makeTokenSecret();
  const entry = {
    name,
    rights: rightsOf(scope),
    lists,
    expiresAt,
    createdAt: Date.now(),
    ending: endingOf(secret),
  };
  const added = tokens.add(entry, digestOf(secret)).then((isNew) => {
    if (!isNew) throw new Error(`there is a token ${name}`);
  });
  return { secret, added };
}
