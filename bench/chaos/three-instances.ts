/**
 * Three instances behind nginx, as docs/operations.md has it, with one PostgreSQL and its synchronous standby: under lookups and
 * writes one instance is killed (-9) and comes back; then the primary is killed, and the standby promoted.
 */
import { PASSWORD } from '../../test/service/lookup-fixture.ts';
import {
  ACCOUNT,
  createDatabaseFor,
  openFilled,
  postgresqlConfig,
} from '../../test/stores/postgresql/filled-store.ts';
import { DISTINCT_LEADS, recordLeads } from '../../test/support/distinct-leads.ts';
import { findFreePort } from '../../test/support/free-port.ts';
import { documentedConfig, startFrontProxy, writeNginxConfig } from '../../test/support/front-proxy.ts';
import { startTraffic, wordsOf, type TrafficFigures } from '../../test/support/load/traffic.ts';
import { postgresqlSkip, type PostgresqlServer } from '../../test/support/postgresql-server.ts';
import { findProgram } from '../../test/support/programs.ts';
import { startWithStandby } from '../../test/support/synchronous-standby.ts';
import { isAnswering, temporaryFolder } from '../../test/support/test-app.ts';
import { until } from '../../test/support/until.ts';
import { createBreaches, rowOfCount, rowOfLongest, rowOfNone, type Chaos, type ChaosRow } from './chaos.ts';
import { startHttpWriters } from './http-writers.ts';
import { startVictim, type Victim } from './victim.ts';

const INSTANCES = 3;
/** Promised: no longer without a right answer when an instance is killed; when the primary is, after the promotion. */
const KILLED_MS = 2_000;
const PROMOTED_MS = 10_000;

export async function failThreeInstances(chaos: Chaos): Promise<readonly ChaosRow[]> {
  const skip = postgresqlSkip || (findProgram('nginx') === undefined ? 'nginx is not there' : '');
  const what = 'three instances behind nginx, rounds';
  if (skip !== '') return [{ what, asked: '-', reached: skip, isKept: undefined }];
  const [lost, wrong] = [createBreaches(chaos), createBreaches(chaos)];
  const [killed, promoted]: [number[], number[]] = [[], []];
  let [writes, refused] = [0, 0];
  for (let round = 1; round <= chaos.rounds; round += 1) {
    const came = await failOnce();
    for (const figures of [came.instance, came.primary]) {
      for (const words of figures.wrong) wrong.add(`round ${round}: ${words}`);
      refused += figures.refused + figures.lost.length;
    }
    for (const id of came.missing) lost.add(`round ${round}: lead ${id}`);
    killed.push(came.instance.longestGapMs);
    promoted.push(came.primary.longestGapMs);
    writes += came.writes;
    chaos.log(`instances, round ${round}: one killed: ${wordsOf(came.instance)}`);
    chaos.log(`instances, round ${round}: primary failed over: ${wordsOf(came.primary)}`);
  }
  return [
    rowOfCount(what, chaos.rounds, killed.length, `${refused} requests refused or cut`),
    rowOfLongest('one instance killed: longest time without a right answer', KILLED_MS, killed, chaos),
    rowOfLongest('primary failed over: longest time without one', PROMOTED_MS, promoted, chaos),
    rowOfNone('wrong answers', wrong),
    rowOfNone('acknowledged writes lost', lost, `of ${writes}`),
  ];
}

interface Failed {
  readonly instance: TrafficFigures;
  readonly primary: TrafficFigures;
  readonly writes: number;
  /** Acknowledged, and not on the promoted standby. */
  readonly missing: readonly number[];
}

async function failOnce(): Promise<Failed> {
  const { primary, standby } = await startWithStandby(createDatabaseFor);
  const config = postgresqlConfig(primary);
  const user = { name: 'editor', password: PASSWORD, rights: ['card', 'read', 'edit'] } as const;
  const store = await openFilled(config, { ...DISTINCT_LEADS, users: [...DISTINCT_LEADS.users, user] });
  await store.close();
  const { schema } = config.database;
  const instances = await startInstances([primary, standby], schema);
  const balancer = await startNginx(instances.map(({ port }) => port));
  try {
    return await failUnderLoad({ primary, standby, schema, instances, url: balancer.url });
  } finally {
    await balancer.stop();
    await Promise.all(instances.map(({ victim }) => victim.kill()));
    await Promise.all([primary.stop(), standby.stop()]);
  }
}

interface Instance {
  readonly port: number;
  victim: Victim;
  start(): Victim;
}

interface Running {
  readonly primary: PostgresqlServer;
  readonly standby: PostgresqlServer;
  readonly schema: string;
  readonly instances: readonly Instance[];
  readonly url: string;
}

async function failUnderLoad({ primary, standby, schema, instances, url }: Running): Promise<Failed> {
  const asked = await recordLeads(`http://127.0.0.1:${instances[0]?.port}`);
  const traffic = startTraffic(url, asked, { clients: 8, newcomers: 4, mayLose: true, isProxied: true });
  const writers = startHttpWriters(url, `editor:${PASSWORD}`);
  const untilWritten = (count: number) => {
    const enough = writers.acknowledged.size + count;
    return until('it is written', () => writers.acknowledged.size >= enough);
  };
  try {
    await traffic.untilRight(200);
    await untilWritten(20);
    traffic.take();
    const [one] = instances;
    await one?.victim.kill();
    await traffic.untilRight(500);
    if (one !== undefined) one.victim = one.start();
    await until('it is back', () => isAnswering(`http://127.0.0.1:${one?.port}`, '/readyz'));
    await traffic.untilRight(500);
    const instance = traffic.take();
    await primary.kill();
    await standby.runSql('SELECT pg_promote()');
    await traffic.untilRight(500);
    await untilWritten(20);
    const came = traffic.take();
    await writers.stop();
    const stored = new Set(
      (await standby.runSql(`SELECT lead_id FROM ${schema}.leads`, 'calls')).split('\n'),
    );
    const missing = [...writers.acknowledged].filter((id) => !stored.has(String(id)));
    return { instance, primary: came, writes: writers.acknowledged.size, missing };
  } finally {
    await Promise.all([traffic.stop(), writers.stop()]);
  }
}

async function startInstances(
  servers: readonly PostgresqlServer[],
  schema: string,
): Promise<readonly Instance[]> {
  const hosts = servers.map(({ host, port }) => `${host}:${port}`).join(',');
  const database = `postgres://${ACCOUNT.user}:${encodeURIComponent(ACCOUNT.password)}@${hosts}/calls?schema=${schema}`;
  const instances: Instance[] = [];
  for (let at = 0; at < INSTANCES; at += 1) {
    const [cwd, port] = [temporaryFolder(), await findFreePort()];
    const env = { PORT: String(port), CALLERCARD_DATABASE: database };
    const flags = [
      '--rate-limit',
      '100000',
      '--enumeration-limit',
      '100000',
      '--trusted-proxies',
      '127.0.0.1',
    ];
    const start = () => startVictim(['serve', ...flags], { cwd, env });
    instances.push({ port, start, victim: start() });
  }
  for (const { port, victim } of instances) {
    await until('an instance answers', async () => {
      if (victim.hasEnded()) throw new Error(victim.said());
      return isAnswering(`http://127.0.0.1:${port}`, '/readyz');
    });
  }
  return instances;
}

/** nginx with the configuration of docs/operations.md, but for addresses. */
async function startNginx(ports: readonly number[]) {
  const [folder, port] = [temporaryFolder(), await findFreePort()];
  const instances = ports.map((each, at) => [`10.0.0.${at + 1}:8080`, `127.0.0.1:${each}`] as const);
  const servers = documentedConfig('docs/operations.md', 'nginx', {
    ...Object.fromEntries(instances),
    'listen 80;': `listen 127.0.0.1:${port};`,
  });
  const url = `http://127.0.0.1:${port}`;
  // Not by isAnswering: nginx names itself.
  const { stop } = await startFrontProxy('nginx', writeNginxConfig(folder, servers), folder, () =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return { url, stop };
}
