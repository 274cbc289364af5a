import { digestOf, endingOf } from '../auth/secrets.ts';
import type { CredentialStore, TokenDirectory, TokenEntry } from '../core/credential-store.ts';
import { namesOfRights } from '../core/rights.ts';
import { type Plan, refusedAct } from './planned-act.ts';

/** Log and audit name tokens by it. */
const NAME = /^[\w.@-]{1,64}$/;

/** Ten years: older tokens are forgotten ones. */
export const MOST_TOKEN_DAYS = 3_650;

export type NewToken = Pick<TokenEntry, 'name' | 'rights' | 'lists' | 'expiresAt'>;

/**
 * @param secret is shown once and not kept (`makeTokenSecret`)
 * @param createdAt milliseconds of the wall clock
 */
export async function planCreateToken(
  { tokens, credentials }: { readonly tokens: TokenDirectory; readonly credentials: CredentialStore },
  token: NewToken,
  { secret, createdAt }: { readonly secret: string; readonly createdAt: number },
): Promise<Plan> {
  const { name, rights, lists, expiresAt } = token;
  if (!NAME.test(name)) return refusedAct('token_name_malformed', name);
  // By the store's clock, which does not go back where the machine's was set back.
  if (expiresAt <= credentials.now()) return refusedAct('token_ended', name);
  const exists = refusedAct('token_exists', name);
  if ((await tokens.list()).some((one) => one.name === name)) return exists;
  const expires = new Date(expiresAt).toISOString();
  const after = { rights: namesOfRights(rights), lists, expires };
  const entry = { name, rights, lists, expiresAt, createdAt, ending: endingOf(secret) };
  return {
    act: { action: 'token_create', subject: `token:${name}`, after },
    commit: async () => ((await tokens.add(entry, digestOf(secret))) ? undefined : exists),
  };
}

export async function planRevokeToken(tokens: TokenDirectory, name: string): Promise<Plan> {
  const unknown = refusedAct('token_unknown', name);
  if (!(await tokens.list()).some((token) => token.name === name)) return unknown;
  return {
    act: { action: 'token_revoke', subject: `token:${name}` },
    commit: async () => ((await tokens.revoke(name)) ? undefined : unknown),
  };
}
