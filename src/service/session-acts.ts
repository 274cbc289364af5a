import { userIdentity } from '../auth/lockout.ts';
import type { AccountStore } from '../core/account-store.ts';
import type { CredentialStore } from '../core/credential-store.ts';
import { type Plan, refusedAct } from './planned-act.ts';

/** @param isMeant which sessions of the user end, by their digests; undefined: all of them */
export async function planEndSessions(
  { accounts, credentials }: { readonly accounts: AccountStore; readonly credentials: CredentialStore },
  name: string,
  isMeant: (digest: string) => boolean = () => true,
): Promise<Plan> {
  const { account } = await accounts.read(name);
  const [identity, now] = [userIdentity(name), credentials.now()];
  const listed = [
    ...(await credentials.listSessions(now, account?.name ?? name)),
    // Of a user whose name was once spelled in another way.
    ...(await credentials.listSessions(now)).filter(({ userName }) => userIdentity(userName) === identity),
  ];
  const digests = new Set(listed.map((session) => session.digest));
  if (account === undefined && digests.size === 0) return refusedAct('user_unknown', name);
  const ending = [...digests].filter(isMeant);
  return {
    act: { action: 'session_end', subject: account?.name ?? name, before: { sessions: ending.length } },
    async commit() {
      for (const one of ending) await credentials.dropSession(one);
      return undefined;
    },
  };
}
