import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Eta } from 'eta/core';
import type { TSchema } from 'typebox';

import type { ProblemCode } from '../../core/problem.ts';
import { HTTP_STATUS } from '../../http/problem-answer.ts';
import type { StaticPage } from '../../http/static-pages.ts';
import { CURL_EXAMPLES } from './curl-examples.ts';
import type { DescribedAction, Operation } from './operation.ts';
import { openapiDocument } from './openapi.ts';
import { OPERATIONS } from './operations.ts';
import { COMPONENTS } from './components.ts';

export type Reference = ReadonlyMap<string, StaticPage>;

/** Pages about the API itself, by their path: the OpenAPI document, the reference, and each problem's. They hold no data. */
export function writeReference(): Reference {
  const [template, style] = [readBeside('reference.eta'), readBeside('reference.css')];
  const eta = new Eta({ autoEscape: true });
  const headers = {
    // Their own style, and nothing else.
    'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'content-type': 'text/html; charset=utf-8',
  };
  // As bytes: however many clients wait for a page, they wait for the same ones.
  const write = (data: object): StaticPage => ({
    headers,
    body: Buffer.from(
      eta.renderString(template, { style, links: [], sections: [], schemas: [], problems: [], ...data }),
    ),
  });
  const document = {
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: Buffer.from(JSON.stringify(openapiDocument())),
  };
  return new Map<string, StaticPage>([
    ['/openapi.json', document],
    ['/docs', write(contentsOfReference())],
    ...PROBLEM_CODES.map((code): [string, StaticPage] => [
      `/docs/problems/${code}`,
      write({
        title: `Problem: ${code}`,
        text: `Status ${HTTP_STATUS[code]}. ${MEANINGS[code]}`,
        links: [{ href: '/docs', label: 'All of the reference' }],
      }),
    ]),
  ]);
}

function contentsOfReference(): object {
  const tags = [...new Set(OPERATIONS.map(({ tag }) => tag))];
  return {
    title: 'callercard: reference',
    text: 'Every operation and every answer. The examples ask the demo (callercard demo) once API has its address, such as API=127.0.0.1:8080, and NAME and PASSWORD those that it prints. For your server put values of yours.',
    links: [{ href: '/openapi.json', label: 'The same for programs: OpenAPI 3.1' }],
    sections: tags.map((tag) => ({
      id: tag.replaceAll(' ', '-'),
      title: tag,
      operations: OPERATIONS.filter((operation) => operation.tag === tag).map(viewOf),
      actions: actionsOf(tag).map(viewOfAction),
    })),
    schemas: COMPONENTS.map((schema) => {
      const { title } = schema as { readonly title?: string };
      return { id: title, title, text: JSON.stringify(schema, null, 2) };
    }),
    problems: PROBLEM_CODES.map((code) => ({ code, status: HTTP_STATUS[code], meaning: MEANINGS[code] })),
  };
}

function readBeside(file: string): string {
  return readFileSync(join(import.meta.dirname, file), 'utf8');
}

function viewOf(operation: Operation): object {
  const { method, body, answers, actions = [] } = operation;
  // Those of actions stand with them, once.
  const ofActions = new Set(actions.flatMap((action) => Object.keys(action.parameters)));
  const parameters = (operation.parameters ?? []).filter(({ name }) => !ofActions.has(name));
  const [schema] = Object.values(body ?? {});
  return {
    ...operation,
    method: method.toUpperCase(),
    access: accessOf(operation),
    example: CURL_EXAMPLES[operation.id],
    parameters: parameters.map(({ name, in: where, isRequired = false, description, schema: about }) => ({
      name,
      place: isRequired ? `${where}, required` : where,
      what: description ?? descriptionOf(about),
    })),
    body:
      body === undefined
        ? undefined
        : {
            types: Object.keys(body).join(', '),
            schema: actions.length === 0 ? JSON.stringify(schema, null, 2) : undefined,
          },
    answers: Object.entries(answers).map(([status, { description, content = {} }]) => ({
      status,
      what: `${description} ${Object.keys(content).join(', ')}`,
    })),
  };
}

function actionsOf(tag: Operation['tag']): readonly DescribedAction[] {
  const operations = OPERATIONS.filter((operation) => operation.tag === tag);
  return [...new Set(operations.flatMap(({ actions = [] }) => actions))];
}

function viewOfAction({ names, summary, right, parameters, outcomes }: DescribedAction): object {
  return {
    names: names.join(', '),
    summary: `${summary}. Needs the right ${right}.`,
    parameters: Object.entries(parameters).map(([name, schema]) => ({ name, what: descriptionOf(schema) })),
    outcomes: outcomes.map(([answer, meaning]) => ({ answer, meaning })),
  };
}

function descriptionOf(schema: TSchema): string {
  return (schema as { readonly description?: string }).description ?? '';
}

function accessOf({ right, needsAuthorization, actions }: Operation): string {
  if (actions !== undefined) {
    const needed = [...new Set(actions.map((action) => action.right))].join(' or ');
    return `Needs the right ${needed}, as the action says.`;
  }
  if (right === undefined) return 'For anybody.';
  return needsAuthorization === true
    ? `With HTTP Basic or a token; needs the right ${right}.`
    : `Needs the right ${right}.`;
}

/** What a problem means and what to do, for the programmer who meets it: the page of its `type`. */
const MEANINGS = {
  credentials_invalid:
    'No credentials came, or they are wrong: an unknown or inactive user, a wrong password, a token that is unknown, expired, revoked or made for another purpose. Which of them is not said.',
  locked_out:
    'Ten wrong passwords lock a user name for 15 minutes after the last one. The right password does not help before that.',
  api_not_allowed:
    'User or token are known, and lack the right that the request needs: right says which. The operator gives it to a user; a token with another scope is a new one.',
  parameters_missing: 'Send a telephone number or a lead id.',
  parameter_malformed: 'A parameter or the body is not as the reference has it; fields says which.',
  lead_not_found: 'No lead has this id, or it is in a list that the user may not see.',
  phone_not_found: 'No lead has this number, or none that the user may see.',
  list_not_found: 'No list has this id, or the user may not see it.',
  change_not_found: 'The lead has no change with this id.',
  call_not_found: 'There is no call with this id: it was notified for nobody, or the person was erased.',
  import_not_found: 'No import has this id, or it is older than a day; its changes are in the history.',
  import_refused: 'Nothing was done with the import; the title says why, and what would do.',
  text_search_unavailable:
    'The leads are a dialer’s, whose tables have no index of names: search them by number with `phone`.',
  read_only_store: 'The leads are a dialer’s: what people change goes through its own screens.',
  number_taken:
    'Another lead of the same list has this number; `lead_id` names it. Change that one, or make another person with `?force`.',
  list_exists: 'A list with this id is there already; change it with PATCH.',
  several_people:
    'Leads of different names have or had this number; `lead_ids` has them, and the title their names. Say by `lead_ids` who is meant.',
  every_list_needed:
    'What is kept of a person may be in every list, so a user who is restricted to lists can neither export nor erase one.',
  changed_meanwhile: 'The lead is not as `If-Match` has it. Read it again, and decide anew.',
  precondition_required: 'The setting `requireIfMatch` is on: send the ETag of the lead in `If-Match`.',
  undo_conflict: 'Fields of the change were changed again; they are named in `fields`.',
  idempotency_key_reused:
    'The key was sent with another request. Make a new one for each thing that is to be done.',
  rate_limited:
    'Too many requests, one lead id asked after the other, or more different leads than the operator allows in a day; leads already read on that day can be read again. Wait as Retry-After says.',
  overloaded: 'The server has too much to do. Wait as Retry-After says.',
  store_unavailable: 'The database does not answer. Wait as Retry-After says.',
  audit_unavailable:
    'Every answer about a lead must be audited first, and the audit cannot be written; so nothing is answered.',
  route_unknown: 'There is nothing at this address.',
  method_not_allowed: 'The header Allow says which methods are.',
  cross_origin: 'A browser sent it for a web page whose origin `corsOrigins` does not name.',
  credentials_in_url: 'The operator does not allow passwords in URLs.',
  request_unparsable: 'The request is broken: its percent-encoding, its JSON or its headers.',
  request_too_large:
    'The body is larger than the route takes; or the leads together are larger than an answer may be: ask for fewer at once.',
  url_too_long: 'The URL is longer than 8 KiB.',
  body_type_unknown: 'Send the body as application/json.',
  internal: 'A fault of the server. Its log has the cause, by the id of the request.',
} satisfies Readonly<Record<ProblemCode, string>>;

const PROBLEM_CODES = Object.keys(MEANINGS) as readonly ProblemCode[];
