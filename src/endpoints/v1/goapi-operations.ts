import { Type, type TSchema } from 'typebox';

import { CALL_LOGS, LEAD_DETAILS } from '../../core/lead-details.ts';
import { LEAD_FIELDS } from '../../core/lead.ts';
import { type DescribedAction, type DescribedAnswer, type Operation, operationsOf } from './operation.ts';
import { CustomInfo, LEAD_TEXTS } from './schemas.ts';

/** The lookup and the other actions at goAPIv2's addresses, as docs/goapi-compatibility.md has them. */

const Failure = Type.Object({
  result: Type.Enum(['error', 'validation_failed']),
  code: Type.Optional(Type.String()),
  message: Type.String(),
  fields: Type.Optional(Type.Array(Type.String())),
});

const XML = { 'application/xml': Type.String({ description: 'The same as XML.' }) };

function around(description: string): DescribedAnswer {
  return { description, content: { 'application/json': Failure, ...XML } };
}

/** In the format that was asked for; one that cannot be read is answered as text. */
function answersOf(actions: readonly DescribedAction[]): Operation['answers'] {
  return {
    200: {
      description: 'The outcome, good or not: see `result`.',
      content: {
        'application/json': Type.Union([...actions.flatMap(({ schemas = [] }) => schemas), Failure]),
        ...XML,
        'text/plain': Type.String({ description: 'What is said to an unknown `responsetype`.' }),
      },
    },
    400: around('The request cannot be read.'),
    ...(actions.some(({ isPostOnly }) => isPostOnly) && {
      405: { ...around('The action is by POST alone.'), headers: { Allow: 'POST' } },
    }),
    413: around('The body is too large.'),
    414: around('The URL is too long.'),
    415: around('The body is of a type that is not understood.'),
    429: around('Too many requests.'),
    500: around('A fault of the server.'),
    503: around('The server is busy, or its database or audit is not available.'),
  };
}

const CALLER = {
  goUser: Type.String({ description: 'A user with the right that the action needs.' }),
  goPass: Type.String({ description: 'Its password.' }),
  responsetype: Type.Optional(
    Type.Enum(['json', 'xml'], { description: 'In any letter case; without it XML.' }),
  ),
};

const optional = (description: string, ...examples: readonly string[]) =>
  Type.Optional(Type.String({ description, ...(examples.length > 0 && { examples }) }));
const EITHER = Type.Union([Type.String(), Type.Number(), Type.Null()]);

const LOOKUP: DescribedAction = {
  names: ['goGetCustomerInfo', 'agent_summary_stats'],
  right: 'read',
  summary: 'A customer by number or lead id',
  parameters: {
    lead_id: optional('A lead id. It decides when both are given.', '14246'),
    phone_number: optional('A telephone number in any spelling.', '+52 55 8765 4321'),
  },
  schemas: [
    Type.Object({
      result: Type.Literal('success'),
      lead_info: Type.Object({ lead_id: Type.Integer(), list_id: Type.Integer(), ...LEAD_TEXTS }),
      custom_info: CustomInfo,
      is_customer: Type.Enum([0, 1]),
    }),
  ],
  outcomes: [['{"result":"success","lead_info":{…},"custom_info":{…},"is_customer":0}', 'The customer.']],
};

/** The names of jQuery's serializeArray: `[0]`, `[1]` and so on. */
function formParameters(form: string, name: string, value: string): Readonly<Record<string, TSchema>> {
  return { [`${form}[0][name]`]: optional(name), [`${form}[0][value]`]: optional(value) };
}

const UPDATE: DescribedAction = {
  names: ['goUpdateCustomer'],
  right: 'edit',
  summary: 'Changes a lead as the form of an agent’s screen has it',
  isPostOnly: true,
  parameters: {
    ...formParameters(
      'goLeadInfo',
      'A field of goGetCustomerInfo, with or without `viewCust_` before it. `lead_id` is needed; another `list_id` than the lead’s is refused. The next fields are `[1]`, `[2]` and so on.',
      'Its value. An empty one empties the field.',
    ),
    ...formParameters(
      'goCustomInfo',
      'A custom field, with or without `viewCustom_` before it. Values of one name are joined by commas.',
      'Its value.',
    ),
    goSaveAsCustomer: optional('`1`, `y`, `yes`, `true` or `on`: the lead is marked as a customer.'),
  },
  schemas: [
    Type.Object({
      result: Type.Enum(['success', 'error']),
      lead_id: Type.String({ description: 'As it was sent.' }),
      message: Type.String(),
    }),
  ],
  outcomes: [
    [
      '{"result":"success","lead_id":"{lead_id}","message":"Lead file \'{lead_id}\' updated successfully."}',
      'It is as it was sent. If the lead became a customer, `message` ends with `<br><br>Lead file also converted to customer.`',
    ],
    [
      '{"result":"error","lead_id":"{lead_id}","message":"Failed to updated lead file \'{lead_id}\'"}',
      'There is no such lead, or the user may not see it.',
    ],
    [
      '{"result":"error","lead_id":"{lead_id}","message":"Failed to updated lead file \'{lead_id}\': leads of a dialer are changed in the dialer"}',
      'The leads are a dialer’s.',
    ],
    [
      '{"result":"validation_failed","code":"40001","message":"Error: Missing required parameters","fields":["lead_id"]}',
      'No lead id was sent.',
    ],
    [
      '{"result":"validation_failed","code":"41002","message":"Error: {field} {what is wrong}","fields":["{field}"]}',
      'A value cannot be stored, or no lead has a field of that name.',
    ],
    ['{"result":"error","message":"Only POST is allowed for this goAction"}', 'It came by GET (405).'],
  ],
};

const columnLists = (columns: readonly string[]) =>
  Type.Object(Object.fromEntries(columns.map((column) => [column, Type.Array(EITHER)])), {
    additionalProperties: false,
  });

const { calls, closerlog, agentlog, record } = CALL_LOGS;

const LEADS_INFO: DescribedAction = {
  names: ['goGetLeadsInfo'],
  right: 'read',
  summary: 'A lead with all columns of a dialer, its calls and its list’s custom fields',
  parameters: {
    lead_id: optional('A lead id; it is needed.', '14246'),
    limit: optional('The most entries of each log of calls, 1 to 1,000; 100 without it.'),
  },
  schemas: [
    Type.Object({
      result: Type.Literal('success'),
      data: Type.Object(
        Object.fromEntries([...LEAD_FIELDS, ...LEAD_DETAILS].map((column) => [column, EITHER])),
        { additionalProperties: false, description: 'What is not stored is null.' },
      ),
      is_customer: Type.Enum([0, 1]),
      calls: columnLists(calls),
      closerlog: columnLists(closerlog),
      agentlog: columnLists(agentlog),
      record: columnLists(record),
      custom_fields: Type.Array(
        Type.Object({
          field_label: Type.String(),
          field_name: Type.String(),
          field_rank: Type.Integer(),
          field_type: Type.String(),
          field_options: Type.String({ description: 'An option in each line, as `value,text`.' }),
        }),
      ),
      custom_fields_values: Type.Record(Type.String(), EITHER),
    }),
    Type.Object({ code: Type.Enum(['40001', '41004']), result: Type.String() }),
  ],
  outcomes: [
    [
      '{"result":"success","data":{…},"is_customer":0,"calls":{…},"closerlog":{…},"agentlog":{…},"record":{…},"custom_fields":[…],"custom_fields_values":{…}}',
      'The lead. Of each log every column is a list, the newest call first; `length_in_sec` is `HH:MM:SS`.',
    ],
    ['{"code":"40001","result":"Error: Missing required parameters"}', 'No lead id was sent.'],
    [
      '{"code":"41004","result":"Error: lead_id doesn\'t exist."}',
      'There is no such lead, or the user may not see it.',
    ],
  ],
};

const LIVE_AGENT: DescribedAction = {
  names: ['getLiveAgentInfo'],
  right: 'read',
  summary: 'What an agent does at this moment, and with whom',
  parameters: { user: optional('The agent’s user name; it is needed.', 'agent1') },
  schemas: [
    Type.Object({
      result: Type.Literal('success'),
      data: Type.Object(
        {
          status: Type.String({
            description:
              '`READY`, `RINGING`, `IN CALL`, `DISPOSITION`, `PAUSE`, or `PAUSE - ` and the code of the pause.',
          }),
          color: Type.Enum(['primary', 'green', 'orange', 'red']),
          in_call_with: Type.String({
            description: 'The number of the other side; empty: there is no call.',
          }),
          campaign_id: Type.String(),
          campaign_name: Type.String(),
          call_type: Type.Enum(['', 'INBOUND', 'DIALER', 'MANUAL']),
          caller_id: Type.Literal(''),
          conf_exten: Type.String(),
          server_ip: Type.String(),
          vendor_lead_code: Type.String(),
          lead_id: Type.Integer({ description: '0: there is none, or the user may not see it.' }),
        },
        { additionalProperties: false },
      ),
    }),
    Type.Object({ result: Type.Literal('error'), message: Type.String() }),
    Type.Object({
      result: Type.Literal('validation_failed'),
      code: Type.Literal('40001'),
      message: Type.String(),
      fields: Type.Array(Type.String()),
    }),
  ],
  outcomes: [
    [
      '{"result":"success","data":{"status":"IN CALL","color":"green","in_call_with":"{number}","campaign_id":"{campaign}","campaign_name":"{name}","call_type":"DIALER","caller_id":"","conf_exten":"{session}","server_ip":"{server}","vendor_lead_code":"{code}","lead_id":{lead_id}}}',
      'The agent. What there is none of is empty, and `lead_id` is 0.',
    ],
    [
      '{"result":"error","message":"Agent \'{user}\' is currently NOT logged in"}',
      'There is no such user, or nobody of that name is logged in at the dialer.',
    ],
    [
      '{"result":"error","message":"Live agents can NOT be read on this dialer"}',
      'The database account may not read `vicidial_live_agents`.',
    ],
    [
      '{"result":"validation_failed","code":"40001","message":"Error: Missing required parameters","fields":["user"]}',
      'No user was sent.',
    ],
  ],
};

const TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data', 'application/json'];

function at(path: string, name: string, actions: readonly DescribedAction[]): readonly Operation[] {
  return operationsOf({
    ...{ path, tag: 'documented protocol', actions, caller: CALLER, types: TYPES },
    ids: [`get${name}`, `post${name}`],
    choice: { name: 'goAction' },
    answers: answersOf(actions),
  });
}

export const GOAPI_OPERATIONS: readonly Operation[] = [
  ...at('/goAPIv2/goAgent/goAPI.php', 'CustomerInfo', [LOOKUP, UPDATE]),
  ...at('/goAPIv2/goReports/goAPI.php', 'CustomerInfoAsReport', [LOOKUP]),
  ...at('/goAPIv2/goGetLeads/goAPI.php', 'LeadsInfo', [LEADS_INFO, LOOKUP]),
  ...at('/goAPIv2/goUsers/goAPI.php', 'LiveAgent', [LIVE_AGENT, LOOKUP]),
];
