import type { Account } from '../core/account-store.ts';
import type { Viewer } from '../core/lead-store.ts';
import type { Endpoint } from '../core/lookup-event.ts';
import type { Problem } from '../core/problem.ts';
import type { Right, Rights } from '../core/rights.ts';

/** What a caller shows: name and password, a secret that stands for them, what the server printed at its start, or that it is the operator's own command. */
export type Credentials =
  | { readonly kind: 'user'; readonly name: string; readonly password: string }
  /** `inUrl`: where others may log it. */
  | { readonly kind: 'token'; readonly secret: string; readonly inUrl?: true }
  /** Of a user who signed in at the card. */
  | { readonly kind: 'session'; readonly secret: string }
  /** By which the first admin of a domain is made. */
  | { readonly kind: 'first key'; readonly secret: string }
  | { readonly kind: 'operator' };

/** One request, as the service sees it. */
export interface RequestContext {
  readonly endpoint: Endpoint;
  /** What it needs. */
  readonly right: Right;
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
  readonly rights: Rights;
  readonly viewer: Viewer;
  /** Somebody who is signed in at a page. */
  readonly isSession?: true;
  /** The account as it was when its password was checked; undefined: no password was. */
  readonly account?: Account | undefined;
  readonly noteOutcome?: NoteOutcome | undefined;
}

/** Is told whether the request was served or refused. Whoever was served last is expected to be let in again. */
export type NoteOutcome = (isServed: boolean) => void;

/** A caller whose credentials do not hold. `user` is an account's own name, never what somebody typed for one. */
export interface Unauthenticated {
  readonly user: string | undefined;
  readonly problem: Problem;
  readonly noteOutcome?: NoteOutcome | undefined;
}
