import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { describe, it, type TestContext } from 'node:test';

import { hashPassword } from '../../src/auth/password-hash.ts';
import { createApp } from '../../src/app.ts';
import { GOAPI_PATHS } from '../../src/endpoints/goapi/handler.ts';
import { fillEmbedded, type DescribedUser, type StoreDescription } from '../stores/described-store.ts';
import { fillForReader, READER } from '../stores/vicidial/dialer-fixture.ts';
import { dialerConfig } from '../support/dialer-config.ts';
import { mariadbSkip, startMariadb } from '../support/mariadb-server.ts';
import { listenReady, send, startTestApp, temporaryFolder } from '../support/test-app.ts';
import { createWatchedLog } from '../support/watched-log.ts';

/** Samples of each cause; `ATTACK_SAMPLES=2000` is the long form. */
const SAMPLES = Number(process.env.ATTACK_SAMPLES ?? 45);
/** Ten wrong passwords lock a name. */
const PER_NAME = 9;
/** A busy machine may slow one cause by chance; a difference that is there is there each time. */
const ROUNDS = 3;
const NAMES = Math.ceil(SAMPLES / PER_NAME) * ROUNDS;

const CAUSES = ['unknown', 'wrong', 'inactive'] as const;
type Cause = (typeof CAUSES)[number];

function description(password: DescribedUser['password']): StoreDescription {
  const named = (cause: Cause) => Array.from({ length: NAMES }, (_, at) => `${cause}${at}`);
  return {
    lists: [{ list_id: 1, name: 'one' }],
    leads: [{ lead_id: 1, list_id: 1, phone_number: '5500000001' }],
    users: [
      ...named('wrong').map((name) => ({ name, password })),
      ...named('inactive').map((name) => ({ name, password, active: false })),
    ],
  };
}

/** A median in milliseconds, and how far it may be off by chance. */
interface Median {
  readonly ms: number;
  readonly errorMs: number;
}

/** Of few samples on a busy machine the median is not sharp: its standard error, from the middle half of them. */
function medianOf(values: readonly number[]): Median {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? NaN;
  return { ms: at(0.5), errorMs: (0.93 * (at(0.75) - at(0.25))) / Math.sqrt(sorted.length) };
}

/** The causes are asked in turn, so that a slow moment hits them all. */
async function mediansOf(url: string, round: number): Promise<Readonly<Record<Cause, Median>>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: Record<Cause, number[]> = { unknown: [], wrong: [], inactive: [] };
  const answers = new Set<string>();
  try {
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      for (const cause of CAUSES) {
        const at = round * (NAMES / ROUNDS) + Math.floor(sample / PER_NAME);
        const query = new URLSearchParams({
          goUser: `${cause}${at}`,
          goPass: 'planted-secret, but not the right one',
          goAction: 'goGetCustomerInfo',
          responsetype: 'json',
          lead_id: '1',
        }).toString();
        const started = performance.now();
        const { status, text } = await send(url, `${GOAPI_PATHS[0]}?${query}`, { agent });
        times[cause].push(performance.now() - started);
        answers.add(`${status} ${text}`);
      }
    }
  } finally {
    agent.destroy();
  }
  assert.deepEqual([...answers], ['200 {"result":"error","message":"Invalid Username/Password"}']);
  return {
    unknown: medianOf(times.unknown),
    wrong: medianOf(times.wrong),
    inactive: medianOf(times.inactive),
  };
}

async function assertAlike(t: TestContext, url: string): Promise<void> {
  const measured: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const medians = await mediansOf(url, round);
    const ms = CAUSES.map((cause) => medians[cause].ms);
    const [least, most] = [Math.min(...ms), Math.max(...ms)];
    const chance = 3 * Math.max(...CAUSES.map((cause) => medians[cause].errorMs));
    measured.push(CAUSES.map((cause) => `${cause} ${medians[cause].ms.toFixed(2)} ms`).join(', '));
    if (most - least <= Math.max(1, least * 0.05) + chance) {
      t.diagnostic(`medians of ${SAMPLES}: ${measured.join('; again: ')}; by chance ${chance.toFixed(2)} ms`);
      return;
    }
  }
  assert.fail(`the causes can be told apart by time, each time: ${measured.join('; ')}`);
}

describe('the time of a refused login', { timeout: 300_000 }, () => {
  it('11: is the same for unknown, wrong and inactive, with hashes of full cost', async (t) => {
    const verifier = await hashPassword('planted-secret');
    const running = await startTestApp(temporaryFolder(), (store) =>
      fillEmbedded(store, description({ verifier })),
    );
    try {
      await assertAlike(t, running.url);
    } finally {
      await running.close();
    }
  });

  it('11: is the same for unknown, wrong and inactive, on a dialer', { skip: mariadbSkip }, async (t) => {
    const server = await startMariadb();
    try {
      await fillForReader(server, description('planted-secret'));
      const watched = createWatchedLog();
      const app = createApp(dialerConfig(server, READER), { log: watched.log });
      try {
        await assertAlike(t, await listenReady(app));
      } finally {
        await app.close();
      }
      watched.check();
    } finally {
      await server.stop();
    }
  });
});
