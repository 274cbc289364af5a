import { existsSync } from 'node:fs';

import { type AuditPlace, nameOfPlace } from '../audit/audit-source.ts';
import { readUsage, USAGE_LIMITS } from '../audit/usage.ts';
import type { TokenEntry } from '../core/credential-store.ts';
import { messageOf, RUN_AS_SERVICE } from '../core/problem.ts';
import { namesOfRights, type Rights, rightsOf } from '../core/rights.ts';
import type { Inspection } from '../core/store.ts';
import { advise, ok } from './inspection.ts';

const SUBJECT = 'rights';

/** Those whose use the audit shows. Most pages of the console, which need `admin`, leave no record. */
const SEEN = rightsOf(['card', 'read', 'edit', 'calls', 'caller-id']);
/** How many are named. */
const NAMED = 20;

/** A user or a token, by the name that the audit has for it. */
export interface RightsHolder {
  readonly name: string;
  readonly rights: Rights;
}

/** The tokens that open something, as the audit names them. */
export function tokenHolders(tokens: readonly TokenEntry[], now: number): readonly RightsHolder[] {
  return tokens
    .filter(({ isRevoked, expiresAt }) => !isRevoked && expiresAt > now)
    .map(({ name, rights }) => ({ name: `token:${name}`, rights }));
}

/**
 * Says who has rights that no record of the last months needed.
 *
 * @param place of the audit
 * @param now milliseconds of the wall clock
 */
export async function inspectUnusedRights(
  place: AuditPlace,
  holders: readonly RightsHolder[],
  now: number,
): Promise<Inspection | undefined> {
  if (holders.length === 0 || (typeof place === 'string' && !existsSync(place))) return undefined;
  try {
    const usage = await readUsage(place, now);
    if (!('used' in usage)) {
      const least = `at least ${USAGE_LIMITS.leastDays} days are needed`;
      return ok(
        SUBJECT,
        `whether all are used is not known: ${least}, and the audit has ${usage.days} to read`,
      );
    }
    const { days, used, isNew } = usage;
    const unused = holders
      .filter(({ name }) => !isNew.has(name))
      .map(({ name, rights }) => ({ name, rights: rights & SEEN & ~(used.get(name) ?? 0) }))
      .filter(({ rights }) => rights !== 0);
    if (unused.length === 0)
      return ok(SUBJECT, `all were used in the last ${days} days, as far as the audit says`);
    const named = unused
      .slice(0, NAMED)
      .map(({ name, rights }) => `${name} (${namesOfRights(rights).join(', ')})`);
    const more = unused.length - named.length;
    const all = named.join('; ') + (more > 0 ? `; and ${more} more` : '');
    return advise(
      SUBJECT,
      `not used in the last ${days} days, as far as the audit says: ${all}`,
      'take away what nobody needs: "callercard user set NAME --rights …", "callercard user disable NAME", "callercard token revoke NAME"',
    );
  } catch (cause) {
    return advise(
      SUBJECT,
      `whether all are used is not known: ${nameOfPlace(place)} cannot be read (${messageOf(cause)})`,
      RUN_AS_SERVICE,
    );
  }
}
