import type { RequestContext } from '../auth/principal.ts';
import { digestOf, fingerprintOf, makeSessionSecret } from '../auth/secrets.ts';
import type { CredentialStore } from '../core/credential-store.ts';
import type { Problem } from '../core/problem.ts';
import { networkOf } from '../throttle/throttle.ts';
import type { Pipeline } from './pipeline.ts';
import { callerOf } from './search.ts';
import { problemOf } from './work.ts';

/** How long somebody stays signed in: a working day. */
export const SESSION_MS = 8 * 60 * 60 * 1000;

interface SignInRequest extends Pick<RequestContext, 'requestId' | 'address'> {
  readonly name: string;
  readonly password: string;
  /** In short, such as `Firefox, Windows`. */
  readonly browser: string;
}

export function createSessionService({ run }: Pipeline, credentials: () => CredentialStore) {
  return {
    /**
     * Begins a session at the card, by the same checks as for a lookup. Nobody can find the secret again, which is for the
     * cookie.
     */
    signIn({ name, password, browser, ...from }: SignInRequest) {
      const context: RequestContext = {
        ...from,
        endpoint: 'card',
        right: 'card',
        credentials: { kind: 'user', name, password },
      };
      return run(context, {}, async ({ user, account, accountId }) => {
        if (account === undefined) throw new Error('a user whose password nobody checked');
        const secret = makeSessionSecret();
        const now = credentials().now();
        const expiresAt = now + SESSION_MS;
        // Of the password that was checked: if it is changed meanwhile, the session opens nothing.
        const fingerprint = fingerprintOf(account, secret);
        const session = { userName: user, fingerprint, expiresAt, network: networkOf(from.address), browser };
        await credentials().addSession(digestOf(secret), session, now);
        return {
          records: [{ action: 'signed_in' }],
          answer: { ...callerOf({ user, accountId }), secret, expiresAt },
        };
      });
    },
    /** @returns why the session may still be there */
    async signOut(secret: string): Promise<Problem | undefined> {
      try {
        await credentials().dropSession(digestOf(secret));
        return undefined;
      } catch (cause) {
        return problemOf(cause);
      }
    },
  };
}
