/**
 * One of three nodes of a Galera cluster fails, in traffic. This file alone, with its figures:
 *
 *     node --test --test-reporter=spec test/faults/galera.test.ts
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import {
  galeraSkip,
  startGalera,
  untilClusterSize,
  untilSynced,
  type GaleraCluster,
  type GaleraNode,
} from '../support/galera-cluster.ts';
import { wordsOf, type SteadyTraffic, type TrafficFigures } from '../support/load/traffic.ts';
import { fillDistinctLeads } from '../support/distinct-leads.ts';
import { timeOf, until } from '../support/until.ts';
import { endAll, sessionsOf, startFaultApp, startLeadTraffic, type FaultApp } from './fault-dialer.ts';
import { ERROR_SHARE, GAP_MS, HANGS_MS, USED_AGAIN_MS } from './fault-limits.ts';

/** Connections to each server, as the settings say by default. */
const CONNECTIONS = 4;

describe(
  'one of three nodes of a cluster, in steady traffic',
  { skip: galeraSkip, timeout: HANGS_MS },
  () => {
    let cluster: GaleraCluster;
    let app: FaultApp;
    let traffic: SteadyTraffic;

    before(async () => {
      cluster = await startGalera();
      const [one, ...others] = cluster.nodes;
      await fillDistinctLeads(one, { engine: 'InnoDB' });
      // Each answers once it has everything that was written before it was asked.
      for (const node of others) {
        await node.runRootSql('SET SESSION wsrep_sync_wait = 1; SELECT * FROM asterisk.system_settings');
      }
      app = await startFaultApp(cluster.nodes);
      traffic = await startLeadTraffic(app.url);
      await traffic.untilRight(300);
    });
    after(async () => {
      await endAll();
      await cluster.stop();
    });
    beforeEach(() => untilAllAreUsed());
    afterEach(() => untilAllAreUsed());

    async function executed(node: GaleraNode): Promise<number> {
      const rows = await node.runRootSql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'");
      return Number((rows as readonly { Value: string }[])[0]?.Value);
    }

    async function untilUsed(node: GaleraNode): Promise<void> {
      const before = await executed(node);
      await until(`${node.port} is asked`, async () => (await executed(node)) > before + 5);
    }

    /** To be called before it fails. */
    function untilFoundOut(node: GaleraNode): Promise<void> {
      return app.untilLogged(new RegExp(`:${node.port} failed and is left out`));
    }

    async function untilAllAreUsed(): Promise<void> {
      await Promise.all(cluster.nodes.map(untilUsed));
    }

    /** The node is used again soon, and the others have answered for it all the while. */
    async function assertBridged(t: TestContext, node: GaleraNode, others: WatchedNodes): Promise<void> {
      const usedAgain = await timeOf(() => untilUsed(node));
      // Enough to tell a share of it, however fast this machine is.
      await traffic.untilRight(501);
      const figures = traffic.take();
      const without = await others.longestWithout();
      t.diagnostic(wordsOf(figures));
      t.diagnostic(`the node is used again ${Math.round(usedAgain)} ms after it was in step`);
      if (without === 0) {
        assertFew(figures);
      } else {
        // A node that comes back can make the cluster fall apart for some seconds. Then there is nobody to ask.
        t.diagnostic(`for ${Math.round(without)} ms the other nodes were not in step either`);
        assert.deepEqual(figures.wrong, []);
        assert.ok(figures.longestGapMs <= without + GAP_MS, wordsOf(figures));
      }
      assert.ok(usedAgain <= USED_AGAIN_MS, `${usedAgain} ms`);
      await traffic.untilRight(500);
      const { wrong, refused } = traffic.take();
      assert.deepEqual([wrong, refused], [[], 0], 'when it is over');
      for (const each of cluster.nodes) assert.ok((await sessionsOf(each)).length <= CONNECTIONS);
    }

    function assertFew(figures: TrafficFigures): void {
      assert.deepEqual(figures.wrong, []);
      assert.ok(figures.refused <= figures.requests * ERROR_SHARE, wordsOf(figures));
      assert.ok(figures.longestGapMs <= GAP_MS, wordsOf(figures));
      assert.ok(figures.requests > 500, 'there was traffic');
    }

    it('38: is frozen for a moment, too short for the others to miss it: nearly no request fails', async (t) => {
      const [one, two, node] = cluster.nodes;
      const others = watchNodes(t, [one, two]);
      traffic.take();
      const foundOut = untilFoundOut(node);
      node.freeze();
      await foundOut.finally(() => node.thaw());
      await untilSynced(node);
      await assertBridged(t, node, others);
    });

    it('38: answers 1047: nearly no request fails, and it is used again', async (t) => {
      const [one, node, three] = cluster.nodes;
      const others = watchNodes(t, [one, three]);
      traffic.take();
      const foundOut = untilFoundOut(node);
      await node.runRootSql('SET GLOBAL wsrep_reject_queries = ALL');
      await foundOut;
      const before = await executed(node);
      await traffic.untilRight(500);
      // Only probes come; each is one statement at most.
      await pause(1_000);
      const probes = (await executed(node)) - before;
      assert.ok(probes <= 30, `${probes} statements came to a node that answers 1047`);
      await node.runRootSql('SET GLOBAL wsrep_reject_queries = NONE');
      await assertBridged(t, node, others);
    });

    it('38: is frozen and goes on later: nearly no request fails, and it is used again', async (t) => {
      const [one, two, node] = cluster.nodes;
      const others = watchNodes(t, [one, two]);
      traffic.take();
      const foundOut = untilFoundOut(node);
      node.freeze();
      try {
        // By us and by the others.
        await foundOut;
        await untilClusterSize(one, 2);
      } finally {
        node.thaw();
      }
      // At first it takes itself for a member still.
      await untilClusterSize(one, 3);
      await untilSynced(node);
      await assertBridged(t, node, others);
    });

    it('38: is killed and comes back: nearly no request fails, and it is used again', async (t) => {
      const [node, two, three] = cluster.nodes;
      const others = watchNodes(t, [two, three]);
      traffic.take();
      const foundOut = untilFoundOut(node);
      await node.kill();
      await foundOut;
      await node.restart();
      await assertBridged(t, node, others);
    });
  },
);

interface WatchedNodes {
  /** Ends the watch; the longest time in which none of them was in step, in milliseconds. */
  longestWithout(): Promise<number>;
}

/** Asks nodes all the time whether they are in step. */
function watchNodes(t: TestContext, nodes: readonly GaleraNode[]): WatchedNodes {
  let [longest, inStepAt, isOver] = [0, performance.now(), false];
  async function watch(): Promise<number> {
    while (!isOver) {
      const inStep = await Promise.all(nodes.map((node) => node.isSynced()));
      if (inStep.includes(true)) inStepAt = performance.now();
      else longest = Math.max(longest, performance.now() - inStepAt);
      await pause(50);
    }
    return longest;
  }
  const watched = watch();
  t.after(() => (isOver = true));
  return {
    longestWithout() {
      isOver = true;
      return watched;
    },
  };
}
