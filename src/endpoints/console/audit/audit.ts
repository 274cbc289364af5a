import type { FastifyReply } from 'fastify';

import type { AuditFound, AuditRow } from '../../../core/audit-reader.ts';
import type { Problem } from '../../../core/problem.ts';
import type { AdminRequest } from '../admin-request.ts';
import type { ConsolePage } from '../console-page.ts';
import { AUDIT_WORDS, type AuditWords } from './audit-words.ts';
import { writeAuditCsv } from './audit-csv.ts';

/** Who looked at whom, and what admins and operators did. */
export const AUDIT: ConsolePage = {
  path: '/console/audit',
  label: { en: AUDIT_WORDS.en.title, es: AUDIT_WORDS.es.title },
  addRoutes({ show, act }) {
    show('/console/audit', (admin) => sendAudit(admin, askedIn(admin)));
    act('/console/audit/search', search);
    act('/console/audit/export', exportFound);
  },
};

const DAY_MS = 24 * 60 * 60 * 1000;
/** Records of a page, and of a file. */
const SHOWN = 300;
const EXPORTED = 20_000;
/** What a field takes. */
const LONGEST = 100;

interface Asked {
  readonly user: string;
  readonly lead: string;
  readonly phone: string;
  readonly from: string;
  readonly to: string;
}

/** What the form says; the last week where it says no days. */
function askedIn({ form }: AdminRequest): Asked {
  // Longer than anything that is found: the record of the search has it.
  const text = (name: string) => (form.get(name) ?? '').trim().slice(0, LONGEST);
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  const now = Date.now();
  return {
    user: text('user'),
    lead: text('lead'),
    phone: text('phone'),
    from: text('from') || day(now - 6 * DAY_MS),
    to: text('to') || day(now),
  };
}

/** In a body, because browsers keep what stands in addresses. */
async function search(admin: AdminRequest): Promise<FastifyReply> {
  const asked = askedIn(admin);
  const found = await admin.domain.searchAudit({ ...admin.context, ...asked, most: SHOWN });
  if (!('problem' in found)) return sendAudit(admin, asked, { found });
  const { problem } = found;
  return problem.code === 'parameter_malformed'
    ? sendAudit(admin, asked, { problem })
    : admin.refuse(problem);
}

async function exportFound(admin: AdminRequest): Promise<FastifyReply> {
  const asked = askedIn(admin);
  const found = await admin.domain.searchAudit({ ...admin.context, ...asked, most: EXPORTED });
  if ('problem' in found) {
    const { problem } = found;
    return problem.code === 'parameter_malformed'
      ? sendAudit(admin, asked, { problem })
      : admin.refuse(problem);
  }
  const name = found.isCut || found.older > 0 ? 'audit-incomplete.csv' : 'audit.csv';
  return admin.reply
    .header('content-disposition', `attachment; filename="${name}"`)
    .type('text/csv; charset=utf-8')
    .send(writeAuditCsv(found));
}

interface Outcome {
  readonly found?: AuditFound;
  readonly problem?: Problem;
}

function sendAudit(
  { reader, send }: AdminRequest,
  asked: Asked,
  { found, problem }: Outcome = {},
): FastifyReply {
  const words = AUDIT_WORDS[reader.language];
  const faults = problem?.code === 'parameter_malformed' ? problem.faults : [];
  const wrong = faults.map(({ field }) => words.wrong[field] ?? words.wrong.from).join(' ');
  const view = {
    asked,
    wrong,
    found: found && viewFound(found, reader.tag, words),
  };
  return send({ template: 'audit', title: words.title, words, view, problem });
}

function viewFound({ rows, older, isCut }: AuditFound, tag: string, words: AuditWords) {
  // As the days that are searched.
  const time = new Intl.DateTimeFormat(tag, { dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC' });
  return {
    summary: words.found(rows.length),
    notes: [...(older > 0 ? [words.older(older)] : []), ...(isCut ? [words.cut] : [])],
    rows: rows.toReversed().map((row) => ({
      ...row,
      time: time.format(Date.parse(row.at)),
      what: words.whats[row.what] ?? row.what.replaceAll('_', ' '),
      about: aboutOf(row, words),
    })),
  };
}

function aboutOf({ leads, about }: AuditRow, words: AuditWords): string {
  const named = leads.length === 0 ? [] : [words.leads(leads.join(', '))];
  return [...named, ...(about === '' ? [] : [about])].join('; ');
}
