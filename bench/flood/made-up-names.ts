import { request } from 'node:http';

import { runClients } from '../../test/support/load/clients.ts';
import { asUser } from '../lookups/requests.ts';
import { USER } from '../lookups/store.ts';
import type { FloodRow } from './row.ts';
import type { FloodServer } from './server.ts';

const SECONDS = 10;
/** Made-up names come from as many connections as kept everybody out of version 0.1, and from many more. */
const FLOODS = [70, 1_000] as const;
const NAMES = 100_000;

/** 49: made-up names from the network of the users, who have never been here. */
export async function madeUpNameRows(
  { url, newUsers }: FloodServer,
  log: (progress: string) => void,
  store = 'embedded store',
): Promise<readonly FloodRow[]> {
  const rows: FloodRow[] = [];
  const targets = Array.from({ length: NAMES }, (_, at) => asUser(`made-up-${at}`, 'wrong'));
  const each = newUsers.length / FLOODS.length;
  for (const [at, connections] of FLOODS.entries()) {
    log(`${store}: made-up names from ${connections} connections`);
    const logins = newUsers.slice(at * each, (at + 1) * each).map((name) => asUser(name));
    const [flood, good] = await runClients(
      { url, targets, order: 'random', connections, seconds: SECONDS },
      {
        url,
        targets: logins,
        order: 'once',
        connections: 16,
        perSecond: each / (SECONDS - 3),
        seconds: SECONDS,
      },
    );
    const { answered, refused, overloaded, limited, wrong } = good;
    // Where the machine is too slow, not each of them is asked for.
    const asked = answered.count + refused.count + overloaded.count + limited.count + wrong;
    const refusals = flood.refused.count + flood.overloaded.count + flood.limited.count;
    rows.push({
      line: 49,
      what: `${store}, made-up names from ${connections} connections: right passwords for the first time`,
      goodput: answered.count / good.seconds,
      p50: answered.p50,
      p99: answered.p99,
      asked: '>= 99 %, p99 <= 2 s',
      reached: `${answered.count} of ${asked}, ${Math.round(answered.p99)} ms; ${Math.round(refusals / flood.seconds)} made-up ones a second`,
      holds:
        asked > 0 && answered.count >= asked * 0.99 && answered.p99 <= 2_000 && flood.answered.count === 0,
    });
  }
  return rows;
}

const WRONG_PASSWORDS = 12;

/** 50: wrong passwords from elsewhere, and images on a page of another origin, for a user who works on. */
export async function lockRows(
  { url, targets }: FloodServer,
  log: (progress: string) => void,
  store = 'embedded store',
): Promise<readonly FloodRow[]> {
  log(`${store}: ${WRONG_PASSWORDS} wrong passwords for a user who works`);
  const target = targets[0] ?? '';
  const works = async () => (await ask(url, target, '127.0.0.1')).includes('"success"');
  const wrong = asUser(USER.name, 'wrong');
  const image = { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'image' };
  const before = await works();
  for (let at = 0; at < WRONG_PASSWORDS; at += 1) await ask(url, wrong, '127.0.0.1', image);
  const afterImages = await works();
  for (let at = 0; at < WRONG_PASSWORDS; at += 1) await ask(url, wrong, '127.0.0.66');
  const afterStranger = await works();
  const elsewhere = await ask(url, target, '127.0.0.67');
  const isLockedElsewhere = elsewhere.includes('Too many login attempts');
  const words = (goesOn: boolean) => (goesOn ? 'goes on' : 'LOCKED OUT');
  return [
    {
      line: 50,
      what: `${store}, ${WRONG_PASSWORDS} images of a web page, then ${WRONG_PASSWORDS} wrong passwords from elsewhere: a user who works`,
      asked: 'goes on; locked for everybody else',
      reached: `${words(afterImages)}, ${words(afterStranger)}; from a third network ${isLockedElsewhere ? 'locked' : 'NOT LOCKED'}`,
      holds: before && afterImages && afterStranger && isLockedElsewhere,
    },
  ];
}

/** @param localAddress from where; Linux has all of 127.0.0.0/8 */
function ask(
  url: string,
  path: string,
  localAddress: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, localAddress, headers, agent: false }, (incoming) => {
      let text = '';
      incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
      incoming.on('end', () => resolve(text));
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
