import { userIdentity } from '../../../auth/lockout.ts';
import type { SessionEntry } from '../../../core/credential-store.ts';
import type { OverviewWords } from './overview-words.ts';

/** So many are named. */
const SHOWN = 100;

export interface SignedInView {
  readonly title: string;
  readonly users: readonly { readonly name: string; readonly about: string }[];
  /** How many are not named. */
  readonly more: string | undefined;
}

/** Who is signed in, each once. */
export function viewSignedIn(
  { sessions }: { readonly sessions: readonly SessionEntry[] },
  words: OverviewWords,
): SignedInView {
  const users = new Map<string, { readonly name: string; count: number }>();
  for (const { userName } of sessions) {
    const user = users.get(userIdentity(userName)) ?? { name: userName, count: 0 };
    user.count += 1;
    users.set(userIdentity(userName), user);
  }
  const shown = [...users.values()].slice(0, SHOWN);
  return {
    title: words.signedInNow(users.size),
    users: shown.map(({ name, count }) => ({ name, about: count === 1 ? '' : words.sessions(count) })),
    more: users.size > SHOWN ? words.moreUsers(users.size - SHOWN) : undefined,
  };
}
