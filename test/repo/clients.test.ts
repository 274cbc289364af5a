/**
 * Tests reach a server only through clients that search every answer (`test/support/leaks.ts`), so that "every answer in
 * every test" stays true.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { ROOT } from '../support/command.ts';

/** Files that may open a connection or send a request themselves, and how what they hear is searched. */
const CLIENTS: Readonly<Record<string, string>> = {
  'test/support/test-app.ts': 'send and inject search',
  'test/http/raw-socket.ts': 'splitAnswers searches',
  'test/support/load/connection.ts': 'tally.ts and traffic.ts search',
  'test/support/load/bad-clients.ts': 'reads nothing, or sends no whole request',
  'test/http/tls.test.ts': 'splitAnswers searches',
  'test/cli/tls.test.ts': 'handshakes alone, no request',
  'test/support/stalling-proxy.ts': 'stands before a database',
  'test/observe/readers.test.ts': 'a proxy, asked by send',
  'test/client/searched-fetch.ts': 'searches',
  'test/support/event-stream.ts': 'searches',
  'test/stores/network/cut-connection.test.ts': 'a connection to itself, no request',
  'test/stores/postgresql/shared-connections.test.ts': 'a socket that is never connected',
  'test/support/takes-connections.ts': 'connects alone, no request',
  'test/repo/packages.test.ts': 'fetches a package from a server of its own, no answer of ours',
  'test/repo/proxies.test.ts': 'asks nginx and Caddy, which name themselves',
};

/** What sends a request or opens a connection; servers of a test's own are none of it. */
const WAYS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['fetch', /(?<![\w.])fetch\(/],
  ['a request of node:http', /import \{[^}]*\b(?:request|get)\b[^}]*\} from 'node:https?'/],
  [
    'a connection of node:net or node:tls',
    /import \{[^}]*\b(?:connect|createConnection|Socket)\b(?<!type Socket)[^}]*\} from 'node:(?:net|tls)'/,
  ],
  ['a module of Node.js without an import', /(?<!["'`])process\.getBuiltinModule\(/],
  ['autocannon', /from 'autocannon'/],
  ['undici', /from 'undici'/],
  ['an injected request', /\.inject\(/],
];

function waysOf(text: string): readonly string[] {
  // Types send nothing.
  const code = text.replace(/\btype \w+(?: as \w+)?,?/g, '').replace(/^import type .*$/gm, '');
  return WAYS.filter(([, pattern]) => pattern.test(code)).map(([what]) => what);
}

describe('tests', () => {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `test/${name}`)
    .filter((path) => path !== 'test/repo/clients.test.ts');
  const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');

  it('23: reach a server only through clients that search every answer', () => {
    const others = files
      .filter((path) => CLIENTS[path] === undefined)
      .flatMap((path) => waysOf(textOf(path)).map((way) => `${path}: ${way}`));
    assert.deepEqual(others, [], 'send and inject of test/support/test-app.ts are for this');
  });

  it('23: list only clients that exist and search', () => {
    for (const file of ['tally.ts', 'traffic.ts'])
      assert.ok(textOf(`test/support/load/${file}`).includes('assertNothingLeaks('), file);
    for (const [path, how] of Object.entries(CLIENTS)) {
      assert.notDeepEqual(waysOf(textOf(path)), [], `${path} opens nothing any more`);
      const word =
        how === 'searches' ? 'assertNothingLeaks' : how.startsWith('splitAnswers') ? 'splitAnswers' : '';
      assert.ok(textOf(path).includes(word), `${path}: ${how}`);
    }
  });

  it('would be caught by each way past them', () => {
    for (const text of [
      "await fetch('http://127.0.0.1')",
      "import { Agent, request } from 'node:http';",
      "import { request as tlsRequest } from 'node:https';",
      "import { connect, type Socket } from 'node:net';",
      "import { connect as connectTls } from 'node:tls';",
      "const { request } = process.getBuiltinModule('node:http');",
      "import autocannon from 'autocannon';",
      'await app.inject({})',
    ]) {
      assert.equal(waysOf(text).length, 1, text);
    }
    for (const text of [
      "import { createServer } from 'node:http';",
      "import type { Socket } from 'node:net';",
      "import { createServer, type AddressInfo, type Socket } from 'node:net';",
      'await learned.fetch(1)',
    ]) {
      assert.deepEqual(waysOf(text), [], text);
    }
  });
});
