import { MAX_LIST_ID } from '../core/lead.ts';
import { list, wholeNumber } from './read-value.ts';

/** For so many days leads of a list are kept; `*`: of every list that has no number of its own. */
export interface ListRetention {
  readonly listId: number | '*';
  readonly days: number;
}

const MOST_DAYS = 36_500;

const parseDays = wholeNumber(1, MOST_DAYS).parse;

function parseListRetention(text: string) {
  const [, listId = '', days = ''] = /^(\*|[1-9]\d{0,13}) *= *(\d+)$/.exec(text) ?? [];
  const parsed = parseDays(days);
  const isList = listId === '*' || (listId !== '' && Number(listId) <= MAX_LIST_ID);
  if (!isList || 'fault' in parsed)
    return { fault: `is not LIST=DAYS (1001=730), with 1 to ${MOST_DAYS} days` };
  return { value: { listId: listId === '*' ? listId : Number(listId), days: parsed.value } } as const;
}

/** How long people are kept, and how long it is known that they were erased. */
export const PRIVACY_SETTINGS = {
  erasedDays: {
    perDomain: true,
    ...wholeNumber(0, MOST_DAYS),
    byDefault: '365',
    help: 'For so many days after `person erase` an import does not bring the person back: a keyed hash of the numbers is kept, and rows with one of them are rejected. 0: none is kept. It holds for an embedded store.',
  },
  retention: {
    perDomain: true,
    form: 'LIST=DAYS, separated by commas',
    byDefault: '',
    help: 'For how many days after the last call, change, note or import leads of a list are kept (`1001=730,*=1825`; `*` is every other list). `callercard retention` erases those that are older; nothing does it by itself.',
    parse: (text: string) => list<ListRetention>(text, parseListRetention),
  },
} as const;
