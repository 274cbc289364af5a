/** SIGTERM under full load, by one process and by two workers, plain and over TLS; and a second signal while it ends. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

import { GOAPI_PATHS } from '../../src/endpoints/goapi/handler.ts';
import { startCallercard, type RunningServer } from '../../test/support/command.ts';
import { endUnderLoad, faultsOfEnd } from '../../test/support/end-under-load.ts';
import { createFilledFolder } from '../../test/support/filled-folder.ts';
import { makeSelfSigned, type SelfSigned } from '../../test/support/self-signed.ts';
import { untilSaid } from '../../test/support/until.ts';
import {
  createBreaches,
  inWords,
  rowOfCount,
  rowOfLongest,
  rowOfNone,
  type Chaos,
  type ChaosRow,
} from './chaos.ts';

const CLIENTS = 32;
/** Promised for a process that is told to end. */
const ENDED_MS = 10_000;
/** A second signal is obeyed at once: so long may a process take to be gone, and be seen to be. */
const AT_ONCE_MS = 1_000;

const FORMS = [
  { workers: '1', isTls: false },
  { workers: '2', isTls: true },
  { workers: '2', isTls: false },
  { workers: '1', isTls: true },
] as const;
type Form = (typeof FORMS)[number];

export async function endServers(chaos: Chaos): Promise<readonly ChaosRow[]> {
  const [lost, otherEnds] = [createBreaches(chaos), createBreaches(chaos)];
  const cwd = await createFilledFolder();
  const signed = await makeSelfSigned();
  const took: number[] = [];
  const second: number[] = [];
  let answers = 0;
  for (let round = 1; round <= chaos.rounds; round += 1) {
    const form = FORMS[round % FORMS.length] ?? FORMS[0];
    const words = `SIGTERM round ${round}, ${form.workers} over ${form.isTls ? 'https' : 'http'}`;
    const server = await start(cwd, form, signed);
    const rightBefore = 200 + chaos.random.below(1_300);
    const ca = form.isTls ? { ca: signed.pem } : {};
    const end = await endUnderLoad(server, { clients: CLIENTS, rightBefore, ...ca });
    for (const fault of faultsOfEnd(end)) lost.add(`${words}: ${fault}`);
    if (end.ended.code !== 0 || /unexpected|by force|another one starts/.test(end.words)) {
      otherEnds.add(`${words}: code ${String(end.ended.code)}, ${end.words}`);
    }
    took.push(end.tookMs);
    answers += end.figures.right;
    second.push(await endTwice(cwd, form, chaos, (what) => otherEnds.add(`${words}: ${what}`)));
    chaos.log(
      `${words}: ${end.accepted} accepted, ${end.figures.right} answered, ended after ${Math.round(end.tookMs)} ms`,
    );
  }
  return [
    rowOfCount('SIGTERM under full load, rounds', chaos.rounds, took.length),
    rowOfNone('accepted requests without their answer', lost, `${inWords(answers)} answered`),
    rowOfLongest('ended after', ENDED_MS, took, chaos),
    rowOfLongest('ended after a second signal', AT_ONCE_MS, second, chaos),
    rowOfNone('ends with another code than 0, or 130 after a second signal', otherEnds),
  ];
}

function start(cwd: string, { workers, isTls }: Form, signed: SelfSigned) {
  const args = ['serve', '--workers', workers, '--rate-limit', '1000000'];
  const env = isTls ? { CALLERCARD_TLS_CERT: signed.tlsCert, CALLERCARD_TLS_KEY: signed.tlsKey } : {};
  return startCallercard(args, { cwd, env });
}

/** A client that never sends the whole of its request keeps the server from ending; a second signal does not wait for it. */
async function endTwice(
  cwd: string,
  { workers }: Form,
  { random }: Chaos,
  fault: (what: string) => void,
): Promise<number> {
  const server = await startCallercard(['serve', '--workers', workers], { cwd });
  const client = await sendHalf(server);
  server.kill('SIGTERM');
  await untilSaid(server, /SIGTERM/);
  // Sooner it would count as the same press.
  await pause(150 + random.next() * 450);
  const began = performance.now();
  server.kill('SIGTERM');
  const { code } = await server.ended();
  client.destroy();
  if (code !== 130) fault(`code ${String(code)} after a second signal`);
  return performance.now() - began;
}

async function sendHalf({ url }: RunningServer) {
  const { port } = new URL(url);
  const client = connect({ host: '127.0.0.1', port: Number(port) });
  client.on('error', () => undefined);
  await once(client, 'connect');
  const type = 'Content-Type: application/x-www-form-urlencoded';
  client.write(
    `POST ${GOAPI_PATHS[0]} HTTP/1.1\r\nHost: localhost\r\n${type}\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n`,
  );
  // The server has read the head once it asks for the rest.
  await once(client, 'data');
  return client;
}
