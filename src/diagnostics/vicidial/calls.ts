import type { Inspection } from '../../core/store.ts';
import { HISTORY_TABLES } from '../../stores/vicidial/call-history.ts';
import { LIVE_REQUIRED, LIVE_TABLES } from '../../stores/vicidial/live-calls.ts';
import { advise, ok } from '../inspection.ts';
import { grantOf, type InspectedDialer, listed } from './inspected.ts';

/** Whether cards open by themselves: what our account may read of who is on which call. */
export function* inspectPop(inspected: InspectedDialer): Generator<Inspection> {
  const subject = 'automatic pop';
  if (inspected.config.dialerPop === 'off') {
    yield ok(subject, 'off; chosen by dialerPop off');
    return;
  }
  const denied = LIVE_TABLES.filter((table) => !isReadable(inspected, table));
  const required = inspected.more.get('vicidial_live_agents')?.columns;
  const lacking = LIVE_REQUIRED.filter((column) => required?.has(column) !== true);
  if (denied.includes('vicidial_live_agents') || lacking.length > 0) {
    yield advise(
      subject,
      `cards do not open by themselves: our account may not read ${listed(denied.length > 0 ? denied : ['vicidial_live_agents'])}`,
      `${grantsOf(inspected, LIVE_TABLES)} or dialerPop off`,
    );
  } else if (denied.length > 0) {
    yield advise(
      subject,
      'cards open with the calls of the dialer by the lead alone: our account may not read vicidial_auto_calls, which has the number',
      grantsOf(inspected, denied),
    );
  } else yield ok(subject, 'cards open with the calls of the dialer, which is read while a card is open');
}

/** What our account may read of calls in the past. Without any of it there is no history, and nothing is amiss. */
export function* inspectHistory(inspected: InspectedDialer): Generator<Inspection> {
  const subject = 'call history';
  const denied = HISTORY_TABLES.filter((table) => !isReadable(inspected, table));
  if (denied.length === HISTORY_TABLES.length)
    yield ok(
      subject,
      'none is shown: our account may read none of its tables (docs/integrations/vicidial.md)',
    );
  else if (denied.length === 0) yield ok(subject, 'calls, notes and callbacks of a lead are shown');
  else
    yield advise(
      subject,
      `what is in these tables is left out, because our account may not read them: ${listed(denied)}`,
      grantsOf(inspected, denied),
    );
}

function isReadable({ more }: InspectedDialer, table: string): boolean {
  return (more.get(table)?.columns.size ?? 0) > 0;
}

function grantsOf(inspected: InspectedDialer, tables: readonly string[]): string {
  return tables.map((table) => grantOf(inspected, table)).join(' ');
}
