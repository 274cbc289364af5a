import { hashPassword } from '../auth/password-hash.ts';
import type { RequestContext } from '../auth/principal.ts';
import { digestOf } from '../auth/secrets.ts';
import type { SessionEntry } from '../core/credential-store.ts';
import { type AccountPort, COST_OF_ACT } from './account-service.ts';
import type { Pipeline } from './pipeline.ts';
import { type ActRefusal, refusedAct, withStoreFailures, workOfPlan } from './planned-act.ts';
import { planEndSessions } from './session-acts.ts';
import { SESSION_MS } from './sessions.ts';
import { planSetPassword } from './user-acts.ts';
import { refused, type Work } from './work.ts';

/** A session of whoever asks. */
export interface OwnSession extends SessionEntry {
  /** Milliseconds of the store's clock, as `OwnAccount.now`. */
  readonly beganAt: number;
  /** It is the one that asks. */
  readonly isThis: boolean;
}

export interface OwnAccount {
  readonly user: string;
  /** The newest first. */
  readonly sessions: readonly OwnSession[];
  readonly now: number;
  /** Users and passwords are a dialer's. */
  readonly isDialer: boolean;
}

/** What somebody may do who is signed in at the card, to their own account. Each act is recorded before it is done. */
export function createOwnAccountService({ run }: Pipeline, store: () => AccountPort) {
  /** Of the session that asks; undefined: something else does. */
  const thisSession = ({ credentials }: RequestContext) =>
    credentials.kind === 'session' ? digestOf(credentials.secret) : undefined;

  return {
    readOwnAccount: (context: RequestContext) =>
      run<OwnAccount>(context, { cost: 0 }, async ({ user }) => {
        const { credentials, users } = store();
        const now = credentials.now();
        const sessions = (await credentials.listSessions(now, user)).map((session) => ({
          ...session,
          beganAt: session.expiresAt - SESSION_MS,
          isThis: session.digest === thisSession(context),
        }));
        return { records: [], answer: { user, sessions, now, isDialer: users === undefined } };
      }),

    /**
     * Sets a new password, which ends every session of the user.
     *
     * @param request its credentials are name and old password; `asUser` is whose session asks
     */
    setOwnPassword: ({
      asUser,
      password,
      ...context
    }: RequestContext & { readonly asUser: string; readonly password: string }) =>
      run<ActRefusal | { readonly isDone: true }>(
        context,
        { cost: COST_OF_ACT },
        async ({ user }): Promise<Work<ActRefusal | { readonly isDone: true }>> => {
          if (user !== asUser) return refused({ code: 'credentials_invalid' });
          const { users } = store();
          const no = refusedAct('rights_of_dialer', user);
          if (users === undefined) return { records: [], answer: no };
          const verifier = await hashPassword(password);
          const plan = await withStoreFailures(() => planSetPassword(users, user, verifier));
          return workOfPlan(plan, { isDone: true } as const);
        },
      ),

    /** @param session the digest of the only one that ends; undefined: all but the one that asks */
    endOwnSessions: ({ session, ...context }: RequestContext & { readonly session: string | undefined }) =>
      run<ActRefusal | { readonly isDone: true }>(context, { cost: 0 }, async ({ user }) => {
        const isMeant = (digest: string) =>
          session === undefined ? digest !== thisSession(context) : digest === session;
        const plan = await withStoreFailures(() => planEndSessions(store(), user, isMeant));
        return workOfPlan(plan, { isDone: true } as const);
      }),
  };
}
