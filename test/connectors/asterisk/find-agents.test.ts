import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createAgentDirectory } from '../../../src/connectors/asterisk/find-agents.ts';
import { createFakeClock } from '../../service/test-services.ts';

const NAMES = new Map([
  ['1001', 'ana'],
  ['1002', 'luis'],
]);

/** A directory over a store that can be taken away. */
function startDirectory() {
  const clock = createFakeClock();
  const [asked, logged]: [string[], string[]] = [[], []];
  let isAway = false;
  const find = (extension: string) => {
    asked.push(extension);
    return isAway ? Promise.reject(new Error('away')) : Promise.resolve(NAMES.get(extension));
  };
  const directory = createAgentDirectory([{ extension: '1003', user: 'eva' }], find, clock, (event) =>
    logged.push(event.level),
  );
  return {
    clock,
    asked,
    logged,
    setAway: (away: boolean) => void (isAway = away),
    agentOf: async (extension: string) => {
      await directory.load([extension]);
      return directory.agentOf(extension);
    },
  };
}

describe('whose telephone an extension is', () => {
  it('is read from the store, again after ten seconds', async () => {
    const { clock, asked, agentOf, logged } = startDirectory();
    assert.deepEqual([await agentOf('1001'), await agentOf('1009')], ['ana', undefined]);
    clock.pass(9_999);
    await agentOf('1001');
    assert.deepEqual(asked, ['1001', '1009']);
    clock.pass(1);
    assert.equal(await agentOf('1001'), 'ana');
    assert.deepEqual(asked, ['1001', '1009', '1001']);
    assert.equal(await agentOf('1003'), 'eva');
    assert.deepEqual([asked.length, logged], [3, []]);
  });

  it('is asked for soon again where the store could not be read, which is in the log once', async () => {
    const { clock, agentOf, logged, setAway } = startDirectory();
    await agentOf('1001');
    clock.pass(10_000);
    setAway(true);
    assert.deepEqual([await agentOf('1001'), await agentOf('1002')], ['ana', undefined]);
    assert.deepEqual(logged, ['warn']);
    setAway(false);
    clock.pass(1_000);
    assert.equal(await agentOf('1002'), 'luis');
    assert.deepEqual(logged, ['warn', 'info']);
  });
});
