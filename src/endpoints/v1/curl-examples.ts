const GOAPI =
  '"$API/goAPIv2/goAgent/goAPI.php" -d goUser="$NAME" -d goPass="$PASSWORD" -d goAction=goGetCustomerInfo -d responsetype=json -d phone_number=8004321000';

/**
 * Commands by the id of the operation that they ask, as the reference shows them. They run as they stand against the demo
 * (`callercard demo`), once its address, user and password are in `API`, `NAME` and `PASSWORD`; a test runs each.
 */
export const CURL_EXAMPLES: Readonly<Record<string, string>> = {
  getLead: 'curl -u "$NAME:$PASSWORD" "$API/v1/leads/14246"',
  findLeads: 'curl -u "$NAME:$PASSWORD" "$API/v1/leads?phone=8004321000"',
  lookupLeads: withJson('/v1/leads/lookup', { items: [{ phone: '8004321000' }, { lead_id: 14246 }] }),
  getTimeline: 'curl -u "$NAME:$PASSWORD" "$API/v1/leads/14246/timeline"',
  getNotes: 'curl -u "$NAME:$PASSWORD" "$API/v1/leads/14246/notes"',
  addNote: withJson('/v1/leads/14246/notes', { text: 'Wants to be called on Monday.' }),
  getLists: 'curl -u "$NAME:$PASSWORD" "$API/v1/lists"',
  getImports: 'curl -u "$NAME:$PASSWORD" "$API/v1/imports"',
  notifyCall: withJson('/v1/calls', { user: 'MyUser', phone: '8004321000' }),
  getCallerId: 'curl -u "$NAME:$PASSWORD" "$API/v1/caller-id?phone=8004321000"',
  getReadiness: 'curl "$API/readyz"',
  getCustomerInfo: `curl -G ${GOAPI}`,
  postCustomerInfo: `curl ${GOAPI}`,
};

function withJson(path: string, body: object): string {
  return `curl -u "$NAME:$PASSWORD" "$API${path}" -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
}
