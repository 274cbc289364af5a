import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { mariadbSkip } from '../../support/mariadb-server.ts';
import {
  ask,
  startDialer,
  startEmbedded,
  type DialerApis,
  type AskedRequest,
} from './dialer-apis-fixture.ts';

type Engine = 'sqlite' | 'dialer';

interface Answered {
  readonly status: number;
  readonly type: string;
  readonly lines: readonly string[];
}

interface Case extends AskedRequest {
  readonly name: string;
  readonly on: readonly Engine[];
  readonly expect: Readonly<Partial<Record<Engine | 'both', Answered>>>;
}

const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8')) as {
  cases: readonly Case[];
};

/** Each case in its order, on one server: what one of them writes the next ones may read. */
function golden(engine: Engine, start: () => Promise<DialerApis>): void {
  let running: DialerApis;
  before(async () => {
    running = await start();
  });
  after(() => running.close());

  for (const one of cases.filter(({ on }) => on.includes(engine))) {
    it(one.name, async () => {
      const { status, headers, text } = await ask(running.url, one);
      const expected = one.expect.both ?? one.expect[engine];
      assert.deepEqual({ status, type: headers['content-type'], lines: text.split('\n') }, expected);
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
    });
  }
}

describe('the dialer’s other APIs answer to the byte, from the embedded store', () => {
  golden('sqlite', startEmbedded);
});

describe('the dialer’s other APIs answer to the byte', { skip: mariadbSkip }, () => {
  describe('from a dialer on a real MariaDB', () => {
    golden('dialer', startDialer);
  });
});
