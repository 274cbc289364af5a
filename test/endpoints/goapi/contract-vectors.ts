import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { CASES } from '../../support/dataset.ts';
import { send, type Answer } from '../../support/test-app.ts';

interface Vector {
  readonly name: string;
  readonly request: { method: string; path: string; query: string; contentType?: string; body?: string };
  readonly expect: {
    status: number;
    json?: unknown;
    jsonIncludes?: Readonly<Record<string, unknown>>;
    xmlFile?: string;
    xmlIncludes?: readonly string[];
    text?: string;
    headers?: Readonly<Record<string, string>>;
  };
}

const { cases } = JSON.parse(readFileSync(join(CASES, 'goapi.json'), 'utf8')) as { cases: readonly Vector[] };

/** A server that holds the contract's data set. */
export interface VectorServer {
  readonly url: string;
  /** Sent with each request, such as a Host. */
  readonly headers?: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Every vector of the contract, over a socket: what any engine and any arrangement of domains must answer. */
export function contractVectors(title: string, start: () => Promise<VectorServer>): void {
  describe(title, () => {
    let running: VectorServer;

    before(async () => {
      running = await start();
    });
    after(() => running.close());

    for (const { name, request, expect } of cases) {
      it(name, async () => {
        const target = request.query === '' ? request.path : `${request.path}?${request.query}`;
        const answer = await send(running.url, target, {
          method: request.method,
          headers: {
            ...running.headers,
            ...(request.contentType === undefined ? {} : { 'content-type': request.contentType }),
          },
          ...(request.body === undefined ? {} : { body: request.body }),
        });
        assert.equal(answer.status, expect.status);
        checkBody(answer, expect);
        for (const [header, value] of Object.entries(expect.headers ?? {})) {
          assert.equal(answer.headers[header], value, header);
        }
        assert.equal(answer.headers['cache-control'], 'no-store');
        assert.equal(answer.headers['x-content-type-options'], 'nosniff');
        assert.equal(answer.headers['referrer-policy'], 'no-referrer');
      });
    }
  });
}

function checkBody({ text }: Answer, expect: Vector['expect']): void {
  if (expect.json !== undefined) {
    // Written again from what was read: equal values and equal order of the keys.
    assert.equal(JSON.stringify(JSON.parse(text)), JSON.stringify(expect.json));
  }
  if (expect.jsonIncludes !== undefined) {
    const json = JSON.parse(text) as Record<string, unknown>;
    for (const [key, value] of Object.entries(expect.jsonIncludes)) assert.deepEqual(json[key], value, key);
  }
  if (expect.xmlFile !== undefined) assert.equal(text, readFileSync(join(CASES, expect.xmlFile), 'utf8'));
  for (const part of expect.xmlIncludes ?? []) assert.ok(text.includes(part), `${part} is not in ${text}`);
  if (expect.text !== undefined) assert.equal(text, expect.text);
}
