import type { Account } from '../core/account-store.ts';
import type { Viewer } from '../core/lead-store.ts';
import type { Endpoint } from '../core/lookup-event.ts';
import type { Problem } from '../core/problem.ts';

/** What a caller shows: name and password, a secret that stands for them, or that it is the operator's own command. */
export type Credentials =
  | { readonly kind: 'user'; readonly name: string; readonly password: string }
  /** A token, or the session of a user who signed in at the card. */
  | { readonly kind: 'token' | 'session'; readonly secret: string }
  | { readonly kind: 'operator' };

/** One request, as the service sees it. */
export interface RequestContext {
  readonly endpoint: Endpoint;
  readonly requestId: string;
  /** Where the caller is, as the network or a trusted proxy says. */
  readonly address: string;
  readonly credentials: Credentials;
}

/** A caller whose credentials hold. */
export interface Principal {
  /** As log and audit name them: the account's own name, `token:NAME`, or `operator`. */
  readonly user: string;
  /** What limits go by; undefined: there are none. */
  readonly accountId: string | undefined;
  readonly mayUseApi: boolean;
  readonly viewer: Viewer;
  /** The account as it was when its password was checked; undefined: no password was. */
  readonly account?: Account | undefined;
}

/** A caller whose credentials do not hold. `user` is an account's own name, never what somebody typed for one. */
export interface Unauthenticated {
  readonly user: string | undefined;
  readonly problem: Problem;
}
