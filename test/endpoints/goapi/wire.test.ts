import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { exchange, startFilledApp, type RawAnswer } from '../../http/raw-socket.ts';
import { CASES } from '../../support/dataset.ts';
import { temporaryFolder, type TestApp } from '../../support/test-app.ts';
import { VARIANTS, WIRE_CASES } from './wire-cases.ts';

/** An answer as version 0.1 gave it to the very same bytes; the headers in their order, without the date. */
interface RecordedAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly text: string;
}

const RECORDED = JSON.parse(readFileSync(join(CASES, 'wire-0.1.json'), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, readonly RecordedAnswer[]>>>
>;

/** Version 0.1 answered them: now a page of an origin that nobody named gets no answer (docs/security.md, line 50). */
const REFUSED_NOW: ReadonlySet<string> = new Set([
  'GET of the named origin',
  'GET of another origin',
  'a form of the named origin',
  'a broken form of the named origin',
]);

/** Version 0.1 did not say what was wrong with them (docs/goapi-compatibility.md). */
const SAID_NOW: Readonly<Record<string, readonly [status: number, says: RegExp]>> = {
  'a trailing slash': [404, /goAPIv2\/goAgent\/goAPI\.php/],
  'a doubled slash': [404, /goAPIv2\/goAgent\/goAPI\.php/],
  'a path in other letters': [404, /goAPIv2\/goAgent\/goAPI\.php/],
  'JSON as a form': [400, /JSON/],
};

function recorded({ status, headers, text }: RawAnswer): RecordedAnswer {
  return { status, headers: Object.entries(headers).filter(([name]) => name !== 'date'), text };
}

for (const [variant, config] of Object.entries(VARIANTS)) {
  describe(`the documented addresses, ${variant}, answer as version 0.1 to the byte`, () => {
    let running: TestApp;
    before(async () => {
      running = await startFilledApp({ config }, temporaryFolder());
    });
    after(() => running.close());

    for (const [name, bytes] of Object.entries(WIRE_CASES)) {
      it(name, async () => {
        const answers = await exchange(running.url, bytes);
        const said = SAID_NOW[name];
        const isNamed = 'corsOrigins' in config && name.includes('named origin');
        if (REFUSED_NOW.has(name) && !isNamed) {
          assert.deepEqual(
            answers.map(({ status }) => status),
            [403],
          );
          assert.doesNotMatch(answers[0]?.text ?? '', /lead_id|broken/);
        } else if (said === undefined) {
          assert.deepEqual(answers.map(recorded), RECORDED[variant]?.[name]);
        } else {
          const [status, says] = said;
          assert.deepEqual(
            answers.map((answer) => answer.status),
            [status],
          );
          assert.match((answers[0]?.text ?? '').replaceAll('\\/', '/'), says);
        }
      });
    }
  });
}
