import { after, before, describe } from 'node:test';

import { createApp } from '../../src/app.ts';
import { GOAPI_PATHS } from '../../src/endpoints/goapi/handler.ts';
import { createLog } from '../../src/observe/log.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../service/lookup-fixture.ts';
import { fillEmbedded, type StoreDescription } from '../stores/described-store.ts';
import { createReadOnlyUser } from '../support/dialer-accounts.ts';
import { dialerConfig } from '../support/dialer-config.ts';
import { fillDialer } from '../support/fill-dialer.ts';
import { mariadbSkip, startMariadb } from '../support/mariadb-server.ts';
import { type Answer, listenReady, send, startTestApp, temporaryFolder } from '../support/test-app.ts';

/** The stored text of a lead that an attacker has written. */
export const STORED_SCRIPT = `<script>alert(document.cookie)</script>"><img src=x onerror=alert(1)>' ]]> &amp; \${7*7}`;

export const LEAD = { lead_id: 14246, phone_number: '5587654321' } as const;
/** In a list that `narrow` may not see. */
export const HIDDEN = { lead_id: 20001, phone_number: '5511112222' } as const;

/** So many users `victim0`, `victim1`, ... have passwords to be guessed: ten wrong ones lock a name. */
export const VICTIMS = 120;

const STORED: StoreDescription = {
  lists: [
    { list_id: 100, name: 'seen', fields: [{ label: 'plan', type: 'TEXT' }] },
    { list_id: 200, name: 'hidden' },
  ],
  leads: [
    {
      ...LEAD,
      list_id: 100,
      first_name: 'Bruno',
      comments: STORED_SCRIPT,
      custom: [['plan', STORED_SCRIPT]],
    },
    { ...HIDDEN, list_id: 200, first_name: 'Hidden' },
  ],
  users: [
    { name: 'crm', password: PASSWORD },
    { name: 'narrow', password: PASSWORD, lists: [100] },
    ...Array.from({ length: VICTIMS }, (_, at) => ({ name: `victim${at}`, password: PASSWORD })),
  ],
};

const READER = { user: 'callercard', password: 'planted-secret of the database' } as const;

/** A server that is attacked. */
export interface Attacked {
  readonly url: string;
  /** One statement as the database's root; undefined: the engine has no server. */
  readonly runRootSql: ((sql: string) => Promise<unknown>) | undefined;
  close(): Promise<void>;
}

/** The attacks of `body`, on each engine. */
export function attackBoth(title: string, body: (attacked: () => Attacked) => void): void {
  attack(`${title}: the embedded store`, startEmbedded, body);
  describe(`${title}: a dialer`, { skip: mariadbSkip }, () => {
    attack('on a real MariaDB', startDialer, body);
  });
}

function attack(
  title: string,
  start: () => Promise<Attacked>,
  body: (attacked: () => Attacked) => void,
): void {
  describe(title, () => {
    let attacked: Attacked;
    before(async () => {
      attacked = await start();
    });
    after(() => attacked.close());
    body(() => attacked);
  });
}

async function startEmbedded(): Promise<Attacked> {
  const users = STORED.users.map((user) => ({ ...user, password: { verifier: CHEAP_VERIFIER } }));
  const app = await startTestApp(temporaryFolder(), (store) => fillEmbedded(store, { ...STORED, users }));
  return { url: app.url, runRootSql: undefined, close: () => app.close() };
}

async function startDialer(): Promise<Attacked> {
  const server = await startMariadb();
  await fillDialer(server, STORED, { altPhoneIndex: true });
  await createReadOnlyUser(server, READER.user, READER.password);
  const app = createApp(dialerConfig(server, READER), { log: createLog('silent') });
  return {
    url: await listenReady(app),
    runRootSql: (sql) => server.runRootSql(sql),
    async close() {
      await app.close();
      await server.stop();
    },
  };
}

export type Parameters = Readonly<Record<string, string>>;

/** How parameters reach the endpoint. */
export type Way = 'GET' | 'POST form' | 'POST multipart' | 'POST JSON';
export const WAYS: readonly Way[] = ['GET', 'POST form', 'POST multipart', 'POST JSON'];
export const FORMATS = ['json', 'xml'] as const;

/** The parameters of a right request, some of them replaced. */
export function parametersWith(changes: Parameters): Parameters {
  return {
    goUser: 'crm',
    goPass: PASSWORD,
    goAction: 'goGetCustomerInfo',
    responsetype: 'json',
    lead_id: String(LEAD.lead_id),
    ...changes,
  };
}

/** Sends parameters as a client of the documented API does. */
export function ask(
  url: string,
  parameters: Parameters,
  way: Way = 'GET',
  headers: Parameters = {},
  /** Which of the two documented addresses. */
  address = 0,
): Promise<Answer> {
  const path = GOAPI_PATHS[address] ?? GOAPI_PATHS[0];
  if (way === 'GET') return send(url, `${path}?${new URLSearchParams(parameters).toString()}`, { headers });
  const { type, body } = bodyOf(parameters, way);
  return send(url, path, { method: 'POST', headers: { ...headers, 'content-type': type }, body });
}

function bodyOf(parameters: Parameters, way: Exclude<Way, 'GET'>): { type: string; body: string } {
  if (way === 'POST JSON') return { type: 'application/json', body: JSON.stringify(parameters) };
  if (way === 'POST form') {
    return { type: 'application/x-www-form-urlencoded', body: new URLSearchParams(parameters).toString() };
  }
  const parts = Object.entries(parameters).map(
    ([name, value]) => `--limit\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return { type: 'multipart/form-data; boundary=limit', body: `${parts.join('')}--limit--\r\n` };
}
