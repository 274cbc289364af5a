import { COUNTED_MATCHES, writeMatches } from '../../core/lead.ts';
import { type ApiFunction, contextFor, isOn, textOf } from './function-request.ts';
import { line, repeated, rowWriter } from './plain-text.ts';

/** So many numbers a request may have: each is a lookup. */
const MOST_NUMBERS = 100;

/** `lead_search`: which leads have a number, for one number or several with commas between them. */
export const leadSearch: ApiFunction = async (request) => {
  const { domain, asked } = request;
  const context = contextFor(request, 'read');
  const caller = await domain.identify(context);
  if ('problem' in caller) return caller;
  // A space before a number is the `+` of a query.
  const numbers = (request.params.get('phone_number') ?? '')
    .split(',')
    .filter((number) => number.trim() !== '');
  if (numbers.length === 0) return ['ERROR: lead_search NO VALID SEARCH METHOD - ||||'];
  if (numbers.length > MOST_NUMBERS) {
    return [
      line('ERROR', `lead_search MORE THAN ${MOST_NUMBERS} PHONE NUMBERS`, [asked.user, numbers.length]),
    ];
  }
  // There is no archive of leads here.
  if (isOn(request, 'archived_lead')) return NO_MATCHES;
  const limit = recordsOf(textOf(request, 'records'));
  const write = rowWriter(textOf(request, 'stage'));
  const rows: string[] = [];
  let found = 0;
  for (const number of numbers) {
    const answer = await domain.search({ ...context, phone: number, page: ALL });
    if ('problem' in answer) return answer;
    const { total, matches } = answer.page;
    found += matches.length;
    if (found > COUNTED_MATCHES) {
      const text = `lead_search MORE THAN ${COUNTED_MATCHES} LEADS, ASK FOR FEWER PHONE NUMBERS`;
      return [line('ERROR', text, [asked.user])];
    }
    // The last added has the highest id.
    const ids = matches.map(({ leadId }) => leadId).sort((one, other) => other - one);
    rows.push(write([repeated(number.trim()), writeMatches(total), ids.slice(0, limit).join('-')]));
  }
  if (found === 0) return NO_MATCHES;
  return isOn(request, 'header') ? [write(['search_key', 'records_found', 'lead_ids']), ...rows] : rows;
};

const ALL = { offset: 0, limit: COUNTED_MATCHES };
const NO_MATCHES = ['ERROR: lead_search NO MATCHES FOUND IN THE SYSTEM - ||||'];

function recordsOf(sent: string): number {
  const records = /^\d{1,9}$/.test(sent) ? Number(sent) : 0;
  return records === 0 ? COUNTED_MATCHES : Math.min(records, COUNTED_MATCHES);
}
