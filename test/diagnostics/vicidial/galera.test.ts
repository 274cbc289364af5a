import { after, before, describe, it } from 'node:test';

import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import {
  galeraSkip,
  startGalera,
  untilClusterSize,
  type GaleraCluster,
} from '../../support/galera-cluster.ts';
import { inspectionsOf, only, READER, SOUND } from './inspections.ts';

describe('a check of a cluster', { skip: galeraSkip }, () => {
  let cluster: GaleraCluster;
  before(async () => {
    cluster = await startGalera();
    await fillDialer(cluster.nodes[0], SOUND, { altPhoneIndex: true, engine: 'InnoDB' });
    await createReadOnlyUser(cluster.nodes[0], READER.user, READER.password);
    // Each node answers this once it has applied the rights, too.
    for (const node of cluster.nodes.slice(1)) {
      await node.runRootSql('SET SESSION wsrep_sync_wait = 1; SELECT * FROM asterisk.system_settings');
    }
  });
  after(() => cluster.stop());

  it('says of each server whether it is in step', async () => {
    const found = await inspectionsOf(dialerConfig(cluster.nodes, READER));
    for (const { port } of cluster.nodes) {
      const words = new RegExp(`:${port} is in step \\(Synced\\) with a cluster of 3 servers$`);
      only(found, 'ok', 'cluster', words);
    }
    only(found, 'ok', 'tables', /engine: InnoDB/);
  });

  it('says that a server is cut off from the others, and looks at the rest on one that is not', async () => {
    const [one, two, three] = cluster.nodes;
    three.freeze();
    await untilClusterSize(one, 2);
    two.freeze();
    // One of two is no majority: it answers nothing but how it is.
    await untilClusterSize(one, 1);
    const found = await inspectionsOf(dialerConfig(one, READER));
    only(found, 'problem', 'cluster', /is not in step with its cluster \(.+, non-Primary, sees 1\)$/);
    only(found, 'problem', 'tables', /could not be looked at: the server answers, but is not in step/);
    two.thaw();
    three.thaw();
  });
});
