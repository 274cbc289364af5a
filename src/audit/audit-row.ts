import type { AuditRow } from '../core/audit-reader.ts';
import type { ReadRecord } from './record.ts';
import { currentFields } from './search.ts';

/** A record of a lookup or of an act, as people read it. */
export function auditRowOf(record: ReadRecord): AuditRow {
  const fields = currentFields(record);
  const text = (name: string) => textOf(fields[name]);
  const isAct = record.kind === 'operator';
  const [asked] = [fields.askedPhone, fields.recipient, fields.subject].filter((one) => one !== undefined);
  const list = fields.listId === undefined ? [] : [`list ${text('listId')}`];
  const changed = Array.isArray(fields.fields) ? [fields.fields.join(', ')] : [];
  const state = stateOf(fields.after) || stateOf(fields.before);
  return {
    at: record.at,
    user: text('user'),
    address: text('address'),
    endpoint: text('endpoint'),
    what: isAct ? `${text('action')} ${text('result')}`.trim() : text('result'),
    leads: leadsOf(fields),
    about: [textOf(asked), ...list, ...changed, state].filter((part) => part !== '').join('; '),
  };
}

function leadsOf({ leadId, askedLead, leadIds }: ReadRecord['fields']): readonly number[] {
  const ids = [leadId ?? askedLead, ...(Array.isArray(leadIds) ? (leadIds as readonly unknown[]) : [])];
  return ids.filter((id) => typeof id === 'number');
}

/** `rights card,read, lists 1,2`, or nothing. */
function stateOf(state: unknown): string {
  if (typeof state !== 'object' || state === null) return '';
  return Object.entries(state)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(',') || '-' : textOf(value)}`)
    .join(', ');
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}
