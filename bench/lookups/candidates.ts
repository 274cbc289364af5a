import { join } from 'node:path';

import type { Candidate } from '../measure.ts';
import { readThrough } from '../measure/read-through.ts';
import { forkServer, type StartServer } from '../measure/servers.ts';
import { byLead, byLeadAsXml, bySpelledPhone } from './requests.ts';
import { FIRST_LEAD_ID, phoneOf } from './store.ts';

const TARGET = join(import.meta.dirname, 'target.ts');

/** One server over the embedded store of so many leads, to be shared by those who ask it. */
export function embeddedServer(kind: 'fixed' | 'sqlite' | 'callercard', store: string): StartServer {
  return () => {
    readThrough(store);
    return forkServer(TARGET, [kind, store]);
  };
}

/** Everybody of the comparison on the embedded store: two servers, and what is asked of them. */
export interface EmbeddedCandidates {
  readonly fixed: Candidate;
  /** node:http, query string, one statement of node:sqlite by lead_id, JSON: what all others are measured by. */
  readonly bare: Candidate;
  /** The same, but it reads its parameters from a form. */
  readonly barePost: Candidate;
  readonly lead: Candidate;
  readonly phone: Candidate;
  readonly xml: Candidate;
  readonly post: Candidate;
}

export function embeddedCandidates(store: string, count: number): EmbeddedCandidates {
  const leads = { first: FIRST_LEAD_ID, count };
  const [bare, ours] = [embeddedServer('sqlite', store), embeddedServer('callercard', store)];
  const by = (name: string, start: StartServer, target: Candidate['target'] = byLead) => ({
    name,
    start,
    target,
    leads,
  });
  return {
    fixed: by('bare node:http, fixed answer', embeddedServer('fixed', store)),
    bare: by('bare node:http + node:sqlite + JSON', bare),
    barePost: { ...by('the same, form of a POST', bare), asForm: true },
    lead: by('callercard, by lead_id', ours),
    phone: by('callercard, by phone_number in any spelling', ours, (leadId) =>
      bySpelledPhone(leadId, phoneOf(leadId)),
    ),
    xml: by('callercard, XML', ours, byLeadAsXml),
    post: { ...by('callercard, form of a POST', ours), asForm: true },
  };
}
