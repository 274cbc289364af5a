import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { loadConfig } from '../../src/config/load.ts';
import { createSearchAudit, newestFirst } from '../../src/domain/search-audit.ts';
import { lookupEvent, newAuditFolder, openAudit } from '../audit/audit-fixture.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS = 20;

describe('a search of the audit for an admin', () => {
  it('has its time in pieces without a gap, the last one first', () => {
    for (const days of [0, 0.5, 1, 1.5, 2, 3, 7, 90, 3_650]) {
      const pieces = [...newestFirst({ since: 1_000, until: 1_000 + days * DAY_MS })];
      const bounds = pieces.flatMap(({ since, until }) => [until, since]);
      assert.deepEqual(
        bounds,
        bounds.toSorted((one, other) => other - one),
      );
      assert.equal(
        pieces.reduce((sum, { since, until }) => sum + until - since, 0),
        days * DAY_MS,
      );
      for (const [at, { until }] of pieces.entries())
        assert.equal(until, at === 0 ? 1_000 + days * DAY_MS : pieces[at - 1]?.since);
    }
  });

  it('shows the newest records where its time is over, and all of them where it is not', async () => {
    const folder = newAuditFolder();
    const { writer, clock } = openAudit(folder);
    const since = clock.wall();
    for (let day = 0; day < DAYS; day += 1) {
      await writer.record(lookupEvent({ at: clock.wall(), leadId: day + 1 }));
      clock.pass(DAY_MS);
    }
    await writer.close();
    const { config } = loadConfig({ flags: { audit: folder }, environment: {} });
    const search = async (mostReads: number, most: number) => {
      let asked = 0;
      const monotonic = () => (asked++ > mostReads ? Infinity : 0);
      const until = since + DAYS * DAY_MS;
      const query = { user: undefined, leads: undefined, since, until, most };
      const { rows, older, isCut } = await createSearchAudit(config, { monotonic })(query);
      return { leads: rows.flatMap(({ leads }) => leads), older, isCut };
    };
    const all = Array.from({ length: DAYS }, (_, day) => day + 1);
    assert.deepEqual(await search(Infinity, 100), { leads: all, older: 0, isCut: false });
    assert.deepEqual(await search(Infinity, 3), { leads: all.slice(-3), older: DAYS - 3, isCut: false });
    const cut = await search(8, 100);
    assert.equal(cut.isCut, true);
    assert.ok(cut.leads.length > 0 && cut.leads.length < DAYS, String(cut.leads));
    assert.deepEqual(cut.leads.slice(-1), [DAYS]);
  });
});
