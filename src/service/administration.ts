import type { RequestContext } from '../auth/principal.ts';
import type { SessionEntry } from '../core/credential-store.ts';
import { RIGHT_BIT } from '../core/rights.ts';
import type { Store } from '../core/store.ts';
import type { Pipeline } from './pipeline.ts';

/** What admins ask for at the console. Nothing of it discloses a lead, so that only refusals are recorded. */
export function createAdministration(
  { run }: Pipeline,
  store: () => Pick<Store, 'accounts' | 'credentials'>,
) {
  return {
    /** Whether a caller is an admin, too: where they belong. That they are not is no refusal. */
    isAdmin: (context: RequestContext) =>
      run<{ readonly isAdmin: boolean }>(context, { cost: 0 }, async ({ rights, viewer }) => {
        const granted =
          viewer === 'every list' || !('identity' in viewer) ? 0 : await store().accounts.grantsOf?.(viewer);
        return { records: [], answer: { isAdmin: ((rights | (granted ?? 0)) & RIGHT_BIT.admin) !== 0 } };
      }),
    /** Who is signed in; `now` is by the clock of the sessions. */
    readSessions: (context: RequestContext) =>
      run<{ readonly sessions: readonly SessionEntry[]; readonly now: number }>(
        context,
        { cost: 0 },
        async () => {
          const { credentials } = store();
          const now = credentials.now();
          return { records: [], answer: { sessions: await credentials.listSessions(now), now } };
        },
      ),
  };
}
