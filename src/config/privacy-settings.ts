import type { ListRetention } from '../core/due-data.ts';
import { MAX_LIST_ID } from '../core/lead.ts';
import { isMaskable, MASKABLE_FIELDS, type MaskedField } from '../core/masks.ts';
import { list, wholeNumber } from './read-value.ts';

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

function parseMaskedField(text: string) {
  const [, listId = '', field = ''] = /^(\*|[1-9]\d{0,13}) *= *(\S.*)$/.exec(text) ?? [];
  if (listId === '' || !isMaskable(field) || (listId !== '*' && Number(listId) > MAX_LIST_ID))
    return {
      fault: `is not LIST=FIELD (1001=phone_number), with one of ${MASKABLE_FIELDS.join(', ')}, custom_info.LABEL`,
    };
  return { value: { listId: listId === '*' ? listId : Number(listId), field } } as const;
}

/** How long people are kept, how long it is known that they were erased, and what is masked. */
export const PRIVACY_SETTINGS = {
  erasedDays: {
    perDomain: true,
    ...wholeNumber(0, MOST_DAYS),
    byDefault: '365',
    help: 'For so many days after `person erase` an import does not bring the person back: a keyed hash of the numbers is kept, and rows with one of them are rejected. 0: none is kept. It holds for an embedded store.',
  },
  maskedFields: {
    perDomain: true,
    form: 'LIST=FIELD, separated by commas',
    byDefault: '',
    help: 'Fields that users without the right `edit` see only in part (`**** 21`), in every endpoint (`*=phone_number,1001=email`; `*` is every list): those of a lead, `numbers` (its further ones), `custom_info.LABEL`, and `notes`. Lists of an embedded store may mask more, by `PATCH /v1/lists/{id}`. Beside a dialer nobody has that right.',
    parse: (text: string) => list<MaskedField>(text, parseMaskedField),
  },
  retention: {
    perDomain: true,
    form: 'LIST=DAYS, separated by commas',
    byDefault: '',
    help: 'For how many days after the last call, change, note or import leads of a list are kept (`1001=730,*=1825`; `*` is every other list). `callercard retention` erases those that are older; nothing does it by itself.',
    parse: (text: string) => list<ListRetention>(text, parseListRetention),
  },
} as const;
