import type { Parsed } from '../core/problem.ts';
import { list, parseOrigin } from './read-value.ts';

const LONGEST_FIELD = 100;
/** More are not seen at one glance. */
const MOST_FIELDS = 12;

function parseCardField(text: string) {
  return text.length <= LONGEST_FIELD
    ? { value: text }
    : {
        fault: `has more than ${LONGEST_FIELD} characters; write the name of a field, such as \`policy_number\``,
      };
}

function parseCardFields(text: string): Parsed<readonly string[]> {
  const fields = list(text, parseCardField);
  if ('value' in fields && fields.value.length > MOST_FIELDS)
    return { fault: `holds ${fields.value.length} fields; name at most ${MOST_FIELDS}` };
  return fields;
}

/** What concerns the agent's page. */
export const CARD_SETTINGS = {
  popOrigins: {
    perDomain: true,
    form: 'origins, separated by commas',
    byDefault: '',
    help: 'Origins whose web pages may open a card without a click of the agent (`https://dialer.example.com`): those of the dialer. None by default.',
    parse: (text: string) => list(text, parseOrigin),
  },
  cardFields: {
    perDomain: true,
    form: 'fields, separated by commas',
    byDefault: '',
    help: 'Fields that a card shows at the top, in this order (`balance,policy_number,city`): documented ones, or the labels or captions of custom fields. Customers without a value there show none.',
    parse: parseCardFields,
  },
} as const;
