import assert from 'node:assert/strict';
import { openSync } from 'node:fs';

import { createApp, type App } from '../../src/app.ts';
import { createLog } from '../../src/http/log.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../access/lookup-desk.ts';
import { PATH, queryFor } from '../http/raw-socket.ts';
import { fillEmbedded, type StoreDescription } from '../store/described-store.ts';
import { createReadOnlyUser } from '../support/dialer-accounts.ts';
import { dialerConfig } from '../support/dialer-config.ts';
import { fillDialer } from '../support/fill-dialer.ts';
import { startMariadb } from '../support/mariadb-server.ts';
import { send, startTestApp, temporaryFolder } from '../support/test-app.ts';
import { temporaryLog } from './campaign.ts';
import { LEADS } from './make-case.ts';

export const STORES = ['embedded', 'dialer'] as const;
export type FuzzedStore = (typeof STORES)[number];

/** A server of the fuzzer's own. */
export interface FuzzedServer {
  readonly url: string;
  /** @throws {AssertionError} a good request is not answered right */
  checkGood(): Promise<void>;
  /** Lines of the log that tell of a fault. */
  complaints(): readonly string[];
  close(): Promise<void>;
}

/** No caller is slowed, and nobody is locked out: what is wrong with a request is what is looked for. */
const RATE = 1_000_000;

function describeStore(password: StoreDescription['users'][number]['password']): StoreDescription {
  return {
    lists: [{ list_id: 1, name: 'one' }],
    leads: Array.from({ length: LEADS }, (_, at) => ({
      lead_id: at + 1,
      list_id: 1,
      first_name: `Ñandú ${at + 1}`,
      comments: '<b>&\u0001',
      phone_number: String(5_500_000_000 + at + 1),
    })),
    // The cases know `crm` alone, and lock it now and then.
    users: ['crm', 'steady'].map((name) => ({ name, password })),
  };
}

export function startFuzzed(store: FuzzedStore): Promise<FuzzedServer> {
  return store === 'embedded' ? startEmbedded() : startDialer();
}

async function startEmbedded(): Promise<FuzzedServer> {
  const log = temporaryLog();
  const description = describeStore({ verifier: CHEAP_VERIFIER });
  const app = await startTestApp(temporaryFolder(), (store) => fillEmbedded(store, description), {
    config: { rateLimit: RATE },
    log: createLog('warn', openSync(log.path, 'w')),
  });
  return serverOf(app.url, log, () => app.close());
}

async function startDialer(): Promise<FuzzedServer> {
  const server = await startMariadb();
  const log = temporaryLog();
  await fillDialer(server, describeStore(PASSWORD), { altPhoneIndex: true });
  const reader = { user: 'callercard', password: 'planted-secret of the database' };
  await createReadOnlyUser(server, reader.user, reader.password);
  const app: App = createApp(dialerConfig(server, reader, { rateLimit: RATE }), {
    log: createLog('warn', openSync(log.path, 'w')),
  });
  return serverOf(await app.listen(), log, async () => {
    await app.close();
    await server.stop();
  });
}

function serverOf(
  url: string,
  log: ReturnType<typeof temporaryLog>,
  stop: () => Promise<void>,
): FuzzedServer {
  return {
    url,
    async checkGood() {
      const { status, text } = await send(url, `${PATH}?${queryFor({ goUser: 'steady', lead_id: '7' })}`);
      assert.equal(status, 200, text);
      assert.match(text, /"first_name":"Ñandú 7"/);
    },
    complaints: () => log.complaints(),
    async close() {
      await stop();
      log.remove();
    },
  };
}
