import { after, before, beforeEach, describe, it } from 'node:test';
import assert from 'node:assert/strict';

import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { createHistory } from '../../support/dialer-history.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { inspectionsOf, nothingOf, only, READER, SOUND } from './inspections.ts';

const US = "callercard@'%'";

describe('a check of what a dialer lets us read of calls', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb();
    await fillDialer(server, SOUND, { altPhoneIndex: true });
  });
  after(() => server.stop());
  beforeEach(() => createReadOnlyUser(server, READER.user, READER.password));

  const check = (changes: Parameters<typeof dialerConfig>[2] = {}) =>
    inspectionsOf(dialerConfig(server, READER, changes));
  const revoke = (table: string) => server.runRootSql(`REVOKE SELECT ON asterisk.${table} FROM ${US}`);

  it('gives the statements after which cards open by themselves', async () => {
    await revoke('vicidial_auto_calls');
    const alone = only(await check(), 'advice', 'automatic pop', /by the lead alone/);
    assert.match(alone.advice ?? '', /^GRANT SELECT ON `asterisk`\.`vicidial_auto_calls` TO [^;]+;$/);
    await revoke('vicidial_live_agents');
    const { advice = '' } = only(await check(), 'advice', 'automatic pop', /cards do not open by themselves/);
    assert.match(advice, /; or dialerPop off$/);
    await server.runRootSql(advice.slice(0, advice.indexOf(' or dialerPop')));
    only(await check(), 'ok', 'automatic pop', /^cards open with the calls/);
  });

  it('asks for no right where it is switched off', async () => {
    await revoke('vicidial_live_agents');
    only(await check({ dialerPop: 'off' }), 'ok', 'automatic pop', /^off; chosen by dialerPop off$/);
  });

  it('names what is left out of the history of a lead', async () => {
    only(await check(), 'ok', 'call history', /^none is shown/);
    await createHistory(server, READER.user, {});
    only(await check(), 'ok', 'call history', /are shown$/);
    await revoke('vicidial_closer_log');
    await revoke('vicidial_campaigns');
    const { advice = '' } = only(
      await check(),
      'advice',
      'call history',
      /vicidial_closer_log, vicidial_campaigns$/,
    );
    await server.runRootSql(advice);
    nothingOf(await check(), 'call history');
  });
});
