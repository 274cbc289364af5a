import { createApp } from '../../../src/app.ts';
import type { LookupEvent } from '../../../src/core/lookup-event.ts';
import type { OwnStore } from '../../../src/core/store.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../../service/lookup-fixture.ts';
import { fillEmbedded, type StoreDescription } from '../../stores/described-store.ts';
import { describeDataset, readDataset } from '../../support/dataset.ts';
import { allowCallLogs, createCallLogs } from '../../support/dialer-call-logs.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { setFloor } from '../../support/dialer-floor.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { startMariadb } from '../../support/mariadb-server.ts';
import { type Address, runRootSql } from '../../support/root-sql.ts';
import {
  type Answer,
  listenReady,
  send,
  startTestApp,
  temporaryFolder,
  type testConfig,
} from '../../support/test-app.ts';

/** Where the dialer's APIs are. */
export const AGENT = '/goAPIv2/goAgent/goAPI.php';
export const LEADS = '/goAPIv2/goGetLeads/goAPI.php';
export const NON_AGENT = '/vicidial/non_agent_api.php';
export const LOAD = '/API/lmapi.php';

export const CUSTOM_LIST = 22_799_126;

/** The contract's data set, with users who read, who change, and who see one list alone. */
function description(verifier?: string): StoreDescription {
  const { lists, leads } = describeDataset(readDataset());
  const password = verifier === undefined ? PASSWORD : { verifier };
  return {
    lists,
    leads,
    users: [
      { name: 'reader', password, rights: ['card', 'read'] },
      { name: 'editor', password, rights: ['card', 'read', 'edit'] },
      { name: 'narrow', password, rights: ['card', 'read', 'edit'], lists: [CUSTOM_LIST] },
      { name: 'wrap-up', password, rights: ['card', 'read'] },
    ],
  };
}

/** What the reader does: of the others nothing is kept. */
async function fillCalls({ accounts, calls }: OwnStore): Promise<void> {
  const { account } = await accounts.read('reader');
  if (account === undefined) throw new Error('no reader');
  const about = { source: 'api', account: account.id, user: account.name, mayBegin: true } as const;
  await calls.report({
    ...{ ...about, state: 'answered', at: Date.now(), direction: 'inbound', line: 'Ventas' },
    ...{ phone: '8004321000', leadId: 14_246 },
  });
}

/** Agents of a dialer who do each something else, for longer than the tests take. */
async function fillFloor(server: Address): Promise<void> {
  const call = { lead_id: 14_246, callerid: 'V1', comments: 'AUTO' };
  await setFloor(
    server,
    [
      { user: 'reader', status: 'INCALL', conf_exten: '8600051', ...call },
      { user: 'editor', status: 'CLOSER', conf_exten: '8600052', lead_id: 14_246 },
      { user: 'narrow', status: 'PAUSED', conf_exten: '8600053', pause_code: 'BREAK' },
      { user: 'wrap-up', status: 'PAUSED', conf_exten: '8600054', lead_id: 14_246 },
    ],
    [{ callerid: 'V1', phone_number: '5587654321', call_type: 'OUT', campaign_id: 'L1', lead_id: 14_246 }],
  );
  await runRootSql(
    server,
    'UPDATE asterisk.vicidial_live_agents SET last_update_time = NOW() + INTERVAL 1 DAY',
  );
}

export interface DialerApis {
  readonly url: string;
  readonly events: readonly LookupEvent[];
  close(): Promise<void>;
}

export async function startEmbedded(
  changes: Parameters<typeof testConfig>[1] = {},
  asDialer = false,
): Promise<DialerApis> {
  const events: LookupEvent[] = [];
  const app = await startTestApp(
    temporaryFolder(),
    async (store) => {
      await fillEmbedded(store, description(CHEAP_VERIFIER));
      await fillCalls(store);
      if (asDialer) Object.assign(store, { records: undefined });
    },
    {
      config: { rateLimit: 100_000, enumerationLimit: 0, ...changes },
      onEvent: (event) => events.push(event),
    },
  );
  return { url: app.url, events, close: () => app.close() };
}

/** @param withCalls our account may read the dialer's logs of calls */
export async function startDialer(withCalls = true): Promise<DialerApis> {
  const server = await startMariadb();
  await fillDialer(server, description(), { altPhoneIndex: true });
  await createCallLogs(server, [14_246]);
  await fillFloor(server);
  const account = { user: 'callercard', password: 'planted-secret of the database' };
  await createReadOnlyUser(server, account.user, account.password);
  if (withCalls) await allowCallLogs(server, account.user);
  const events: LookupEvent[] = [];
  const app = createApp(dialerConfig(server, account), { onEvent: (event) => events.push(event) });
  return {
    url: await listenReady(app),
    events,
    async close() {
      await app.close();
      await server.stop();
    },
  };
}

export type Sent = Readonly<Record<string, string>>;

/** The fields of a form as jQuery's serializeArray sends them. */
export function serialized(
  name: string,
  prefix: string,
  fields: readonly (readonly [string, string])[],
): Sent {
  return Object.fromEntries(
    fields.flatMap(([field, value], at) => [
      [`${name}[${at}][name]`, prefix + field],
      [`${name}[${at}][value]`, value],
    ]),
  );
}

/** Who asks, in the words of each API. */
function credentialsFor(path: string, user: string, password = PASSWORD): Sent {
  return path.startsWith('/goAPIv2')
    ? { goUser: user, goPass: password }
    : { user, pass: password, source: 'test' };
}

export interface AskedRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly as: string;
  readonly params: Sent;
  readonly password?: string;
}

export function ask(url: string, { method, path, as, params, password }: AskedRequest): Promise<Answer> {
  const form = new URLSearchParams({ ...credentialsFor(path, as, password), ...params }).toString();
  if (method === 'GET') return send(url, `${path}?${form}`);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return send(url, path, { method, headers, body: form });
}
