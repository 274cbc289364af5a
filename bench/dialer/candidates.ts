import { join } from 'node:path';

import type { Address } from '../../test/support/root-sql.ts';
import { byLead, byPhone } from '../lookups/requests.ts';
import { phoneOf } from '../lookups/store.ts';
import type { Candidate } from '../measure.ts';
import { forkServer, type StartServer } from '../measure/servers.ts';

const TARGET = join(import.meta.dirname, 'target.ts');

/** Everybody of the comparison on a dialer's MariaDB: two servers, and what is asked of them. */
export interface DialerCandidates {
  /** node:http and the product's own statements on the same connector: what the others are measured by. */
  readonly bare: Candidate;
  readonly lead: Candidate;
  readonly phone: Candidate;
}

export function dialerCandidates({ host, port }: Address, count: number): DialerCandidates {
  const leads = { first: 1, count };
  const server =
    (kind: 'bare' | 'callercard'): StartServer =>
    () =>
      forkServer(TARGET, [kind, host, String(port), String(count)]);
  const ours = server('callercard');
  return {
    bare: { name: 'bare node:http + the same statements', start: server('bare'), target: byLead, leads },
    lead: { name: 'callercard on MariaDB, by lead_id', start: ours, target: byLead, leads },
    phone: {
      name: 'callercard on MariaDB, by phone_number',
      start: ours,
      target: (leadId) => byPhone(phoneOf(leadId)),
      leads,
    },
  };
}
