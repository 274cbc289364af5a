/** The database behind a server in traffic is killed (-9) and comes back, and stands still (SIGSTOP) and goes on. */
import { setTimeout as pause } from 'node:timers/promises';

import { READER } from '../../test/stores/vicidial/dialer-fixture.ts';
import { startCallercard } from '../../test/support/command.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../test/support/mariadb-server.ts';
import { startTraffic, wordsOf, type SteadyTraffic } from '../../test/support/load/traffic.ts';
import { isAnswering, send, temporaryFolder } from '../../test/support/test-app.ts';
import { fillDistinctLeads, recordLeads } from '../../test/support/distinct-leads.ts';
import { timeOf } from '../../test/support/until.ts';
import {
  createBreaches,
  inWords,
  rowOfCount,
  rowOfLongest,
  rowOfNone,
  type Breaches,
  type Chaos,
  type ChaosRow,
} from './chaos.ts';

const CLIENTS = 16;
/** Promised: answered in this time, and right again in this time after the database's return. */
const ANSWERED_MS = 2_000;
const BACK_MS = 2_000;
/** From shorter than a server is waited for to much longer. */
const FROZEN_MS = { least: 100, most: 3_500 } as const;

interface Round {
  /** Right again after the database's return. */
  readonly backMs: number;
  /** Without any right answer, the database's own absence included. */
  readonly outageMs: number;
  readonly slowestMs: number;
  readonly requests: number;
}

interface Scene {
  readonly chaos: Chaos;
  readonly server: MariadbServer;
  readonly url: string;
  readonly traffic: SteadyTraffic;
  readonly wrong: Breaches;
  readonly unready: Breaches;
}

export async function loseDatabases(chaos: Chaos): Promise<readonly ChaosRow[]> {
  if (mariadbSkip !== false) {
    return [{ what: 'database killed and frozen', asked: '-', reached: mariadbSkip, isKept: undefined }];
  }
  const server = await startMariadb();
  try {
    await fillDistinctLeads(server);
    return await withServer(chaos, server);
  } finally {
    server.thaw();
    await server.stop();
  }
}

async function withServer(chaos: Chaos, server: MariadbServer): Promise<readonly ChaosRow[]> {
  const { user, password } = READER;
  const address = `mariadb://${user}:${encodeURIComponent(password)}@${server.host}:${server.port}/asterisk`;
  const args = ['serve', '--rate-limit', '1000000', '--log-level', 'warn'];
  const env = { CALLERCARD_DATABASE: address };
  const callercard = await startCallercard(args, { cwd: temporaryFolder(), env });
  const traffic = startTraffic(callercard.url, await recordLeads(callercard.url), { clients: CLIENTS });
  const [wrong, unready] = [createBreaches(chaos), createBreaches(chaos)];
  const scene: Scene = { chaos, server, url: callercard.url, traffic, wrong, unready };
  try {
    const killed = await inRounds(scene, 'killed', killDatabase);
    const frozen = await inRounds(scene, 'frozen', freezeDatabase);
    await traffic.stop();
    callercard.kill('SIGTERM');
    const { code } = await callercard.ended();
    if (code !== 0) wrong.add(`callercard ended with ${String(code)}`);
    return [
      rowOfCount('database killed (-9) and restarted, rounds', chaos.rounds, killed.length),
      ...rowsOf('killed', killed, chaos),
      rowOfCount('database frozen (SIGSTOP), rounds', chaos.rounds, frozen.length),
      ...rowsOf('frozen', frozen, chaos),
      rowOfNone('wrong answers, among them late results of other requests', wrong),
      rowOfNone('readyz other than 503 while it was away, 200 when it was back', unready),
    ];
  } finally {
    await traffic.stop();
    callercard.kill('SIGKILL');
  }
}

function rowsOf(what: string, rounds: readonly Round[], chaos: Chaos): readonly ChaosRow[] {
  const requests = rounds.reduce((sum, round) => sum + round.requests, 0);
  const outage = Math.max(...rounds.map(({ outageMs }) => outageMs));
  const backs = rounds.map(({ backMs }) => backMs);
  const slowest = rounds.map(({ slowestMs }) => slowestMs);
  const withIts = `longest outage, its own absence included: ${inWords(outage)} ms`;
  return [
    rowOfLongest(`${what}: right again after its return`, BACK_MS, backs, chaos, withIts),
    rowOfLongest(`${what}: slowest answer`, ANSWERED_MS, slowest, chaos, `${inWords(requests)} requests`),
  ];
}

async function inRounds(
  scene: Scene,
  what: string,
  breakIt: (scene: Scene) => Promise<void>,
): Promise<readonly Round[]> {
  const { chaos, traffic, wrong, unready, url } = scene;
  const rounds: Round[] = [];
  for (let round = 1; round <= chaos.rounds; round += 1) {
    await traffic.untilRight(100);
    await pause(chaos.random.next() * 200);
    noteWrong(scene, `before round ${round}`);
    await breakIt(scene);
    const backMs = await timeOf(() => traffic.untilRight());
    const figures = traffic.take();
    for (const words of figures.wrong) wrong.add(`${what} round ${round}: ${words}`);
    await traffic.untilRight(200);
    if (!(await isAnswering(url, '/readyz'))) unready.add(`${what} round ${round}: not ready again`);
    const { longestGapMs: outageMs, slowestMs, requests } = figures;
    rounds.push({ backMs, outageMs, slowestMs, requests });
    chaos.log(`database ${what}, round ${round}: right after ${Math.round(backMs)} ms; ${wordsOf(figures)}`);
  }
  noteWrong(scene, `after it was ${what}`);
  return rounds;
}

/** In the end and before each round nothing may fail at all. */
function noteWrong({ traffic, wrong }: Scene, when: string): void {
  const figures = traffic.take();
  for (const words of figures.wrong) wrong.add(`${when}: ${words}`);
}

async function killDatabase({ server, traffic, url, unready }: Scene): Promise<void> {
  await server.kill();
  await traffic.untilRefused(50);
  const { status } = await send(url, '/readyz');
  if (status !== 503) unready.add(`readyz said ${status} while the database was killed`);
  await server.restart();
}

async function freezeDatabase({ chaos, server }: Scene): Promise<void> {
  server.freeze();
  await pause(FROZEN_MS.least + chaos.random.next() * (FROZEN_MS.most - FROZEN_MS.least));
  server.thaw();
}
