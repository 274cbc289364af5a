import { Type, type TSchema } from 'typebox';

import { LEAD_TEXT_FIELDS } from '../../core/lead.ts';
import { type DescribedAction, type Operation, operationsOf, text } from './operation.ts';

/** Functions of VICIdial's non-agent API that concern leads, in its plain text, as docs/goapi-compatibility.md has them. */

const optional = (description: string) => Type.Optional(Type.String({ description }));
const PHONE = { examples: ['7275551212'] } as const;
const described = (parameters: Readonly<Record<string, string>>): Readonly<Record<string, TSchema>> =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, description]) => [
      name,
      Type.Optional(Type.String({ description, ...(name === 'phone_number' && PHONE) })),
    ]),
  );

const CALLER = {
  user: Type.String({ description: 'A user with the right that the function needs.' }),
  pass: Type.String({ description: 'Its password.' }),
  source: optional('What asks. It is accepted and not kept.'),
};

const KEPT_AS_CUSTOM = 'Kept if the list has a custom field of that name.';
/** Fields of a dialer's leads that ours have not. */
const DIALER_FIELDS = ['source_id', 'vendor_lead_code', 'security_phrase', 'called_count', 'rank', 'owner'];

const SWITCH =
  'For hopper, callbacks or lists of forbidden numbers, which are not here: named as not stored unless it is `N`.';
const NOT_MADE = Object.fromEntries(
  ['dnc_check', 'campaign_dnc_check', 'add_to_hopper', 'callback'].map((name) => [name, SWITCH]),
);

/** What `readFields` of the endpoint takes as values of a lead. */
const FIELDS = described({
  ...Object.fromEntries(
    LEAD_TEXT_FIELDS.filter((field) => field !== 'phone_number' && field !== 'user').map((field) => [
      field,
      'Its value; empty: nothing is said of it; `--BLANK--` empties it.',
    ]),
  ),
  ...Object.fromEntries(DIALER_FIELDS.map((name) => [name, KEPT_AS_CUSTOM])),
  custom_fields: '`Y`: parameters that are named as custom fields of the list set them.',
  phone_code: 'The country’s code; another than the domain’s country is not kept.',
  list_exists_check: '`Y`: a list that is not there is refused.',
});

const ROWS = {
  stage: 'What stands between columns: `pipe` (without it), `tab`, `csv` or `newline`.',
  header: '`YES`: the first row names the columns.',
  archived_lead: '`Y`: none is found, for nothing is archived here.',
};

const NOT_STORED = [
  'NOTICE: {function} VALUES NOT STORED HERE - {user}|{lead_id}|{names}',
  'These parameters had a value that is not kept.',
] as const;

function customNotices(done: 'ADDED' | 'UPDATED'): DescribedAction['outcomes'] {
  return [
    [
      `NOTICE: {function} CUSTOM FIELDS VALUES ${done} - {phone_number}|{lead_id}|{list_id}`,
      'With `custom_fields=Y`.',
    ],
    [
      `NOTICE: {function} CUSTOM FIELDS NOT ${done}, NO FIELDS DEFINED - {phone_number}|{lead_id}|{list_id}`,
      'No parameter is a custom field of the list.',
    ],
    [
      `NOTICE: {function} CUSTOM FIELDS NOT ${done}, NO CUSTOM FIELDS DEFINED FOR THIS LIST - {phone_number}|{lead_id}|{list_id}`,
      'The list has none.',
    ],
  ];
}

/** What each function may answer. */
export const COMMON_OUTCOMES: DescribedAction['outcomes'] = [
  ['ERROR: NO FUNCTION SPECIFIED', 'No function of this name.'],
  ['ERROR: Login incorrect, please try again: |{user}|BAD|', 'An unknown user, or a wrong password.'],
  ['ERROR: Too many login attempts, try again in 15 minutes: |{user}|LOCK|', 'The user name is locked.'],
  [
    'ERROR: auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - {user}|{function}',
    'The user lacks the right.',
  ],
  [
    'ERROR: {function} READ ONLY, LEADS OF A DIALER ARE CHANGED IN THE DIALER - {user}',
    'A function that writes, on a dialer.',
  ],
  ['ERROR: {function} INVALID DATA - {user}|{field} {what is wrong}', 'A value cannot be read or stored.'],
  [
    'ERROR: {function} {what is wrong}',
    'Anything else, in words; around the protocol with its status: too many requests (429), a database that does not answer (503).',
  ],
];

const ADD_LEAD: DescribedAction = {
  names: ['add_lead'],
  right: 'edit',
  summary: 'Adds a lead',
  parameters: {
    ...described({
      phone_number: 'Its number, 6 to 18 digits; it is needed.',
      list_id: 'Its list; 999 without it. One that is not there is made for a user who sees every list.',
      duplicate_check:
        '`DUPLIST`, `DUPCAMP` or `DUPSYS`: refused if a lead of the list, or of any list that the user may see, has the number. Without it a number may come twice.',
      ...NOT_MADE,
      multi_alt_phones: 'Further numbers: `number_code_note!number_code_note`; code and note may be missing.',
      callback_datetime: 'It is accepted and not kept, as are other parameters of a callback.',
      campaing: 'As the vendor spells it. It is accepted and not kept.',
    }),
    ...FIELDS,
  },
  outcomes: [
    [
      'SUCCESS: {function} LEAD HAS BEEN ADDED - {phone_number}|{user}|{list_id}|{lead_id}|',
      'It was added. The last column, the offset from GMT, is empty.',
    ],
    ...customNotices('ADDED'),
    [
      'NOTICE: {function} MULTI-ALT-PHONE NUMBERS LOADED - {count}|{user}|{lead_id}',
      'With `multi_alt_phones`.',
    ],
    NOT_STORED,
    [
      'ERROR: {function} INVALID PHONE NUMBER LENGTH - {phone_number}|{user}',
      'No number, or not 6 to 18 digits.',
    ],
    [
      'ERROR: {function} NOT AN ALLOWED LIST ID - {phone_number}|{list_id}',
      'The list’s id is no number, or the user may not see the list.',
    ],
    [
      'ERROR: {function} NOT A DEFINED LIST ID, LIST EXISTS CHECK ENABLED - {phone_number}|{list_id}',
      'With `list_exists_check=Y`.',
    ],
    [
      'ERROR: {function} DUPLICATE PHONE NUMBER IN LIST - {phone_number}|{list_id}|{lead_id}',
      'The lead that has the number: `DUPLIST`.',
    ],
    [
      'ERROR: {function} DUPLICATE PHONE NUMBER IN CAMPAIGN LISTS - {phone_number}|{list_id}|{lead_id}|{sent list_id}',
      'The same with `DUPCAMP`.',
    ],
    [
      'ERROR: {function} DUPLICATE PHONE NUMBER IN SYSTEM - {phone_number}|{list_id}|{lead_id}|{sent list_id}',
      'The same with `DUPSYS`.',
    ],
    [
      'ERROR: {function} DUPLICATE CHECK NOT AVAILABLE HERE - {check}|DUPLIST DUPCAMP DUPSYS',
      'Another check was asked for; nothing was added.',
    ],
  ],
};

const UPDATE_LEAD: DescribedAction = {
  names: ['update_lead'],
  right: 'edit',
  summary: 'Changes the leads that an id or a number finds',
  parameters: {
    ...described({
      search_method: '`LEAD_ID` (without it), `PHONE_NUMBER` or both, in this order.',
      lead_id: 'Of the lead.',
      phone_number: 'The lead’s own number; further numbers do not count.',
      search_location: '`LIST` or `CAMPAIGN`: only leads of `list_id`.',
      list_id: 'See `search_location` and `insert_if_not_found`.',
      records: 'The most leads that are changed, the last added first: 1 to 100; 1 without it.',
      no_update: '`Y`: says which leads are found, and changes none.',
      insert_if_not_found: '`Y`: adds the lead as `add_lead` does, with `phone_number` and `list_id`.',
      update_phone_number: '`Y`: `phone_number` is the new number.',
      user_field: 'The new value of `user`; `--BLANK--` empties it.',
      list_id_field: 'The list that the lead is moved to.',
      delete_lead: '`Y` is refused, and so is `delete_cf_data`.',
    }),
    ...FIELDS,
    vendor_lead_code: optional(`It is no search method here. ${KEPT_AS_CUSTOM}`),
  },
  outcomes: [
    ['SUCCESS: {function} LEAD HAS BEEN UPDATED - {user}|{lead_id}', 'A line for each lead.'],
    ...customNotices('UPDATED'),
    NOT_STORED,
    [
      'NOTICE: {function} LEADS FOUND IN THE SYSTEM: |{user}|{lead_id}|{vendor_lead_code}|{phone_number}|{list_id}|0',
      'With `no_update=Y`, a line for each lead.',
    ],
    [
      'NOTICE: {function} LEADS NOT CHANGED - {user}|{lead_ids}',
      'Of several leads these are left: the line before says what is wrong.',
    ],
    [
      'SUCCESS: {function} LEAD HAS BEEN ADDED - {phone_number}|{user}|{list_id}|{lead_id}|',
      'With `insert_if_not_found=Y`; so are the other lines of `add_lead`.',
    ],
    [
      'ERROR: {function} INVALID DATA FOR LEAD INSERTION - {user}|{phone_number}|{phone_code}|{list_id}',
      'With `insert_if_not_found=Y`, but without number or list.',
    ],
    [
      'ERROR: {function} NO MATCHES FOUND IN THE SYSTEM - {user}|{lead_id}|{vendor_lead_code}|{phone_number}',
      'No lead, or none that the user may see.',
    ],
    [
      'ERROR: {function} NO VALID SEARCH METHOD - {user}|{search_method}|{lead_id}|{vendor_lead_code}|{phone_number}',
      'No method, or no value for it.',
    ],
    [
      'ERROR: {function} NOT A DEFINED LIST ID, LIST EXISTS CHECK ENABLED - {user}|{list_id}',
      '`list_id_field` is no list, with `list_exists_check=Y`.',
    ],
    [
      'ERROR: {function} NOT AN ALLOWED LIST ID - {user}|{list_id}|{lead_id}',
      '`list_id_field` is no list, or none that the user may see.',
    ],
    ['ERROR: {function} records IS MORE THAN 100 - {user}', 'Nothing was changed.'],
    ['ERROR: {function} {name} IS NOT AVAILABLE HERE - {user}', '`delete_lead` or `delete_cf_data`.'],
  ],
};

const LEAD_SEARCH: DescribedAction = {
  names: ['lead_search'],
  right: 'read',
  summary: 'Which leads have a number',
  parameters: described({
    phone_number: 'A number, or up to 100 with commas between them.',
    records: 'The most ids in a row, 1 to 1,000; 1,000 without it.',
    ...ROWS,
  }),
  outcomes: [
    [
      '{search_key}|{records_found}|{lead_id}-{lead_id}',
      'A row for each number, the lead that was added last first.',
    ],
    ['ERROR: {function} NO MATCHES FOUND IN THE SYSTEM - ||||', 'Nobody has any of the numbers.'],
    ['ERROR: {function} NO VALID SEARCH METHOD - ||||', 'No number was sent.'],
    ['ERROR: {function} MORE THAN 100 PHONE NUMBERS - {user}|{count}', 'Nothing was looked up.'],
    [
      'ERROR: {function} MORE THAN 1000 LEADS, ASK FOR FEWER PHONE NUMBERS - {user}',
      'Together the numbers have more.',
    ],
  ],
};

const LEAD_ALL_INFO: DescribedAction = {
  names: ['lead_all_info'],
  right: 'read',
  summary: 'All that is stored of a lead, or of every lead with a number',
  parameters: described({
    lead_id: 'Of the lead.',
    phone_number: 'Without `lead_id`: every lead with the number, at most 1,000, the last added first.',
    custom_fields: '`Y`: custom fields are further columns.',
    ...ROWS,
  }),
  outcomes: [
    ['{status}|{user}|…|{lead_id}', 'A row of the dialer’s 32 columns for each lead; see `header`.'],
    [
      'ERROR: {function} LEAD NOT FOUND - {user}|{lead_id}|{phone_number}|',
      'There is no such lead, or the user may not see it.',
    ],
  ],
};

const ACTIONS = [ADD_LEAD, UPDATE_LEAD, LEAD_SEARCH, LEAD_ALL_INFO];

const ANSWERS = {
  200: text('Lines, or rows of what was found. The first word says how it went, but of rows.'),
  ...Object.fromEntries(
    Object.entries({
      400: 'The request cannot be read.',
      413: 'The body is too large.',
      414: 'The URL is too long.',
      415: 'The body is of a type that is not understood.',
      429: 'Too many requests.',
      500: 'A fault of the server.',
      503: 'The server is busy, or its database or audit is not available.',
    }).map(([status, description]) => [status, text(description)]),
  ),
};

function at(path: string, ids: readonly [string, string], isLoad: boolean): readonly Operation[] {
  return operationsOf({
    ...{ path, ids, tag: 'non-agent API', actions: ACTIONS, answers: ANSWERS, caller: CALLER },
    choice: { name: 'function', isOptional: isLoad },
    types: ['application/x-www-form-urlencoded'],
  });
}

/** The dialer's address, and the vendor's, at which `add_lead` needs not be named. */
export const NON_AGENT_OPERATIONS: readonly Operation[] = [
  ...at('/vicidial/non_agent_api.php', ['getNonAgent', 'postNonAgent'], false),
  ...at('/API/lmapi.php', ['getLoadLead', 'postLoadLead'], true),
];
