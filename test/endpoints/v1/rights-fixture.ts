import { OPERATIONS } from '../../../src/endpoints/v1/operations.ts';
import type { Right } from '../../../src/core/rights.ts';
import { send, type Sent } from '../../support/test-app.ts';
import { createCardClient } from '../card/card-fixture.ts';

/** The lead that the requests ask for. */
export const ASKED = { lead_id: 14_246, list_id: 22_799_125, phone: '8004321000' } as const;

type User = readonly [name: string, password: string];

const JSON_TYPE = { 'content-type': 'application/json' } as const;
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' } as const;

/** A good request of each operation of /v1 that takes an Authorization header, by its id. */
const REQUESTS: Readonly<Record<string, Sent & { readonly target: string }>> = {
  getLead: { target: `/v1/leads/${ASKED.lead_id}` },
  findLeads: { target: `/v1/leads?phone=${ASKED.phone}` },
  lookupLeads: {
    target: '/v1/leads/lookup',
    method: 'POST',
    headers: JSON_TYPE,
    body: `{"items":[{"lead_id":${ASKED.lead_id}}]}`,
  },
  getListFields: { target: `/v1/lists/${ASKED.list_id}/fields` },
  createLead: {
    target: '/v1/leads',
    method: 'POST',
    headers: JSON_TYPE,
    body: `{"list_id":${ASKED.list_id},"title":"made"}`,
  },
  changeLead: {
    target: `/v1/leads/${ASKED.lead_id}`,
    method: 'PATCH',
    headers: JSON_TYPE,
    body: '{"title":null}',
  },
  // Of a lead that is not there.
  removeLead: { target: '/v1/leads/9', method: 'DELETE' },
  undoChange: { target: `/v1/leads/${ASKED.lead_id}/changes/9/undo`, method: 'POST' },
  getTimeline: { target: `/v1/leads/${ASKED.lead_id}/timeline` },
  getNotes: { target: `/v1/leads/${ASKED.lead_id}/notes` },
  addNote: {
    target: `/v1/leads/${ASKED.lead_id}/notes`,
    method: 'POST',
    headers: JSON_TYPE,
    body: '{"text":"noted"}',
  },
  getLists: { target: '/v1/lists' },
  // Of a list that is there.
  createList: {
    target: '/v1/lists',
    method: 'POST',
    headers: JSON_TYPE,
    body: `{"list_id":${ASKED.list_id}}`,
  },
  changeList: { target: `/v1/lists/${ASKED.list_id}`, method: 'PATCH', headers: JSON_TYPE, body: '{}' },
  setListFields: {
    target: `/v1/lists/1/fields`,
    method: 'PUT',
    headers: JSON_TYPE,
    body: '{"fields":[]}',
  },
  // Of a file that is not there, and of none.
  beginImport: { target: '/v1/imports', method: 'POST', headers: JSON_TYPE, body: '{}' },
  putImportPart: {
    target: '/v1/imports/none/parts/0',
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: 'x',
  },
  startImport: { target: '/v1/imports/none/start', method: 'POST', headers: JSON_TYPE, body: '{}' },
  getImport: { target: '/v1/imports/none' },
  getImportRejects: { target: '/v1/imports/none/rejects' },
  getImports: { target: '/v1/imports' },
  undoImport: { target: '/v1/imports/none/undo', method: 'POST' },
  dropImport: { target: '/v1/imports/none', method: 'DELETE' },
  // Of nobody in particular.
  findPersons: { target: '/v1/persons' },
  exportPerson: { target: '/v1/persons/export', method: 'POST', headers: JSON_TYPE, body: '{}' },
  erasePerson: { target: '/v1/persons/erase', method: 'POST', headers: JSON_TYPE, body: '{}' },
  notifyCall: {
    target: '/v1/calls',
    method: 'POST',
    headers: JSON_TYPE,
    body: `{"user":"nobody","lead_id":${ASKED.lead_id}}`,
  },
  // Of a call that is not there.
  changeCall: { target: '/v1/calls/none', method: 'PATCH', headers: JSON_TYPE, body: '{"note":""}' },
  findCalls: { target: '/v1/calls?user=nobody' },
};

/** Each with the right that it needs. */
export const GUARDED: readonly (readonly [id: string, right: Right])[] = OPERATIONS.flatMap(
  ({ id, right, needsAuthorization }) =>
    right !== undefined && needsAuthorization === true ? [[id, right]] : [],
);

/** What came of a request: that it was done, or the right that the answer misses. */
export type Outcome = 'done' | `${number} ${string}`;

/** @param id of an operation of /v1 */
export async function tryOperation(
  url: string,
  id: string,
  authorization: { readonly authorization: string },
): Promise<Outcome> {
  const { target, ...sent } = REQUESTS[id] ?? { target: `/no-request-for-${id}` };
  const { status, text } = await send(url, target, {
    ...sent,
    headers: { ...sent.headers, ...authorization },
  });
  if (status < 300) return 'done';
  // The right was there.
  const isRefusedLater =
    /"code":"(?:(?:lead|list|change|call|import)_not_found|list_exists|parameters?_m\w+)"/.test(text);
  if (isRefusedLater && id !== 'getLead') return 'done';
  const { code, right = code } = JSON.parse(text) as { readonly code: string; readonly right?: string };
  return `${status} ${right}`;
}

/** The body that the documented protocol answers with. */
export async function askDocumented(url: string, [goUser, goPass]: User): Promise<string> {
  const parameters = { goAction: 'goGetCustomerInfo', responsetype: 'json', goUser, goPass };
  const body = new URLSearchParams({ ...parameters, lead_id: String(ASKED.lead_id) }).toString();
  return (await send(url, '/goAPIv2/goAgent/goAPI.php', { method: 'POST', headers: FORM_TYPE, body })).text;
}

/** What the protocol has always said to somebody without the right. */
export function documentedRefusal(name: string): string {
  return `{"result":"error","message":"User '${name}' is NOT allowed to access GOagent API"}`;
}

/** What a telephone would show. */
export async function askCallerId(
  url: string,
  authorization: { readonly authorization: string },
): Promise<string> {
  return (await send(url, `/v1/caller-id?phone=${ASKED.phone}`, { headers: authorization })).text;
}

/** Whether somebody gets into the card and sees the lead. */
export async function seesCard(url: string, user: User): Promise<boolean> {
  const client = createCardClient(url);
  await client.signIn(...user);
  return (await client.get(`/card?lead=${ASKED.lead_id}`)).text.includes('Macias');
}
