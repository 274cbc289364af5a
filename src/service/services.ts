import type { PhoneColumn } from '../core/lead.ts';
import type { Country } from '../core/phone.ts';
import type { Problem } from '../core/problem.ts';
import { NO_CREDENTIALS } from '../core/credential-store.ts';
import { createEntrance, type RequestContext } from './pipeline.ts';
import { createLookup, problemOf, type Lookup, type LookupPorts } from './lookup.ts';
import { createAnswerInquiry, type Answer } from './answer-inquiry.ts';
import { createOpenCard, type OpenCard } from './card.ts';
import { callerOf, createSearches, type Caller, type SearchService } from './search.ts';
import { createNotifyCall, type NotifyCall } from './notify-call.ts';
import { digestOf, fingerprintOf, makeSessionSecret } from '../auth/secrets.ts';

/** How long somebody stays signed in: a working day. */
export const SESSION_MS = 8 * 60 * 60 * 1000;

/** How telephone numbers are read in a domain, for those who show them. */
export interface Numbering {
  /** A number without country code is one of this country. */
  readonly country: Country;
  /** Which columns hold numbers, in the order of search. */
  readonly columns: readonly PhoneColumn[];
}

export interface SignedIn extends Caller {
  /** For the cookie; nobody can find it again. */
  readonly secret: string;
  /** Milliseconds of the wall clock. */
  readonly expiresAt: number;
}

export interface SignInRequest extends Pick<RequestContext, 'requestId' | 'address'> {
  readonly name: string;
  readonly password: string;
}

/** Everything that the doors ask of one domain. Nothing is thrown. */
export interface Services extends SearchService {
  readonly lookup: Lookup;
  readonly notifyCall: NotifyCall;
  readonly openCard: OpenCard;
  /** A session at the card, by the same checks as for a lookup. */
  signIn(request: SignInRequest): Promise<Answer<SignedIn>>;
  /** @returns why the session may still be there */
  signOut(secret: string): Promise<Problem | undefined>;
}

export function createServices(ports: LookupPorts): Services {
  const { clock, keys = NO_CREDENTIALS } = ports;
  const entrance = createEntrance(ports);
  const answerAs = createAnswerInquiry(ports, entrance);
  const searches = createSearches(ports, entrance, answerAs);

  /** A password that is changed meanwhile makes a session that opens nothing: it goes by the one that was checked. */
  function beginSession({ name, password, ...from }: SignInRequest): Promise<Answer<SignedIn>> {
    const asker = { kind: 'user', name, password } as const;
    return answerAs<SignedIn>(
      { ...from, endpoint: 'card', credentials: asker },
      { amount: 1 },
      async ({ user, checked }) => {
        if (checked === undefined) throw new Error('a user whose password nobody checked');
        const secret = makeSessionSecret();
        const now = clock.wall();
        const expiresAt = now + SESSION_MS;
        const fingerprint = fingerprintOf(checked, secret);
        await keys.addSession(digestOf(secret), { userName: user, fingerprint, expiresAt }, now);
        return { told: [{ deed: 'signed_in' }], result: { ...callerOf(user), secret, expiresAt } };
      },
    );
  }

  return {
    ...searches,
    lookup: createLookup(ports, entrance),
    notifyCall: createNotifyCall(ports, answerAs),
    openCard: createOpenCard(ports, entrance, answerAs),
    signIn: beginSession,
    async signOut(secret) {
      try {
        await keys.dropSession(digestOf(secret));
        return undefined;
      } catch (cause) {
        return problemOf(cause);
      }
    },
  };
}
