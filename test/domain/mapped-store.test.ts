import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import { fillDomains, writeDomains } from '../support/domain-app.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { openDomainFixture, type DomainFixture } from './domain-fixture.ts';

/** What this process sees through its memory. */
const MAPS = '/proc/self/maps';

describe(
  'a store that is read through the memory',
  { skip: existsSync(MAPS) ? false : `needs ${MAPS}, which Linux has` },
  () => {
    const folder = temporaryFolder();
    const fixtures: DomainFixture[] = [];
    after(() => Promise.all(fixtures.map(({ domains }) => domains.close())));

    async function askEach(names: readonly string[]): Promise<void> {
      const config = writeDomains(folder, Object.fromEntries(names.map((name) => [name, { hosts: [name] }])));
      await fillDomains(config);
      const fixture = openDomainFixture(config);
      fixtures.push(fixture);
      for (const name of names) assert.equal(await fixture.ask(name), 1);
    }

    const isMapped = (name: string) => readFileSync(MAPS, 'utf8').includes(join(folder, `${name}.db\n`));

    it('is the only one of its process', async () => {
      await askEach(['alone']);
      assert.ok(isMapped('alone'));
    });

    it('is none of several: a file that is cut short would end the process for the others, too', async () => {
      await askEach(['one', 'other']);
      assert.ok(!isMapped('one') && !isMapped('other'));
    });
  },
);
