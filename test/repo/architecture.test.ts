import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { findBreaches, ROOMS, type SourceFile } from './house-rules.ts';

const root = join(import.meta.dirname, '..', '..');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Readonly<Record<string, string>>;
};
const packages = Object.keys(dependencies);

function readHouse(): readonly SourceFile[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

describe('the house', () => {
  const house = readHouse();

  it('keeps its rules', () => {
    assert.ok(house.length > 50, `only ${house.length} files were read`);
    assert.deepEqual(findBreaches(house, packages), []);
  });

  it('has every room that the rules name, and no file in another place', () => {
    const rooms = new Set(house.map(({ path }) => path.split('/')[1]));
    assert.deepEqual([...rooms].sort(), [...ROOMS].sort());
  });
});

/** A breach put into the house, and what must be said about it. */
interface Planted {
  readonly what: string;
  readonly path: string;
  readonly text: string;
  readonly says: RegExp;
}

const STORE_TYPE =
  "import type { Connection } from '../store/sqlite/connection.ts';\nexport type Seen = Connection;\n";

const PLANTED: readonly Planted[] = [
  {
    what: 'lead that imports a room',
    path: 'src/lead/planted.ts',
    text: "export { LOCK_MS } from '../access/lockout.ts';",
    says: /no arrow leads from lead to access/,
  },
  {
    what: 'lead that reads files',
    path: 'src/lead/planted.ts',
    text: "import 'node:fs';",
    says: /lead\/ is pure/,
  },
  {
    what: 'access that imports a store',
    path: 'src/access/planted.ts',
    text: STORE_TYPE,
    says: /no arrow leads from access to store/,
  },
  {
    what: 'access that imports a door',
    path: 'src/access/planted.ts',
    text: "import '../goapi/door.ts';",
    says: /no arrow leads from access to goapi/,
  },
  {
    what: 'a lead file that opens a store',
    path: 'src/lead-file/planted.ts',
    text: "import '../store/open-store.ts';",
    says: /no arrow leads from lead-file to store/,
  },
  {
    what: 'a door that imports a store',
    path: 'src/goapi/planted.ts',
    text: "import '../store/open-store.ts';",
    says: /no arrow leads from goapi to store/,
  },
  {
    what: 'a door that imports the domains',
    path: 'src/goapi/planted.ts',
    text: "import '../domain/limits.ts';",
    says: /no arrow leads from goapi to domain/,
  },
  {
    what: 'http that imports the domains',
    path: 'src/http/planted.ts',
    text: "import '../domain/limits.ts';",
    says: /no arrow leads from http to domain/,
  },
  {
    what: 'the domains that import a door',
    path: 'src/domain/planted.ts',
    text: "import '../goapi/actions.ts';",
    says: /no arrow leads from domain to goapi/,
  },
  {
    what: 'a door that reads the configuration',
    path: 'src/goapi/planted.ts',
    text: "import type { Config } from '../config/settings.ts';\nexport type C = Config;",
    says: /no arrow leads from goapi to config/,
  },
  {
    what: 'http that loads the configuration',
    path: 'src/http/planted.ts',
    text: "import { loadConfig } from '../config/load.ts';\nexport const load = loadConfig;",
    says: /http may import only types of config/,
  },
  {
    what: 'a store that takes values of the configuration',
    path: 'src/store/planted.ts',
    text: "import { type Config, SETTINGS } from '../config/settings.ts';\nexport type C = Config;\nexport const s = SETTINGS;",
    says: /store may import only types of config/,
  },
  {
    what: 'a command that opens a store past app.ts',
    path: 'src/cli/planted.ts',
    text: "import '../store/open-store.ts';",
    says: /no arrow leads from cli to store/,
  },
  {
    what: 'a command that imports a door',
    path: 'src/cli/planted.ts',
    text: "import '../goapi/actions.ts';",
    says: /no arrow leads from cli to goapi/,
  },
  {
    what: 'a command that imports the server',
    path: 'src/cli/planted.ts',
    text: "import '../http/log.ts';",
    says: /no arrow leads from cli to http/,
  },
  {
    what: 'a dynamic import across rooms',
    path: 'src/cli/planted.ts',
    text: "export const later = () => import('../http/log.ts');",
    says: /no arrow leads from cli to http/,
  },
  {
    what: 'a type that is imported in place',
    path: 'src/lead/planted.ts',
    text: "export type A = import('../access/account.ts').Account;",
    says: /no arrow leads from lead to access/,
  },
  {
    what: 'a second file that names an engine',
    path: 'src/store/planted.ts',
    text: "import './sqlite/connection.ts';",
    says: /only src\/store\/open-store.ts names an engine/,
  },
  {
    what: 'an engine that imports another',
    path: 'src/store/other/planted.ts',
    text: "import '../sqlite/connection.ts';",
    says: /only src\/store\/open-store.ts names an engine/,
  },
  {
    what: 'SQL outside the store',
    path: 'src/access/planted.ts',
    text: "import 'node:sqlite';",
    says: /rows stop at the store's door/,
  },
  {
    what: 'a process that is started',
    path: 'src/cli/planted.ts',
    text: "import 'node:child_process';",
    says: /nothing here starts a process/,
  },
  {
    what: 'a second file that starts workers',
    path: 'src/cli/workers/planted.ts',
    text: "import 'node:cluster';",
    says: /nothing here starts a process/,
  },
  {
    what: "a worker's first file that is imported",
    path: 'src/cli/planted.ts',
    text: "import './workers/serve-worker.ts';",
    says: /only types of a thread's first file/,
  },
  {
    what: 'a development dependency',
    path: 'src/cli/planted.ts',
    text: "import 'typescript';",
    says: /no run-time dependency/,
  },
  {
    what: 'a file that is not there',
    path: 'src/cli/planted.ts',
    text: "import './nowhere.ts';",
    says: /no file below src/,
  },
  {
    what: 'a cycle',
    path: 'src/lead/planted.ts',
    text: "import './planted.ts';",
    says: /import cycle: src\/lead\/planted.ts -> src\/lead\/planted.ts/,
  },
  {
    what: 'a room of its own',
    path: 'src/planted/thing.ts',
    text: 'export const a = 1;',
    says: /in no room/,
  },
  {
    what: 'a barrel',
    path: 'src/lead/index.ts',
    text: "export * from './lead.ts';",
    says: /named by what it exports/,
  },
  {
    what: 'an attic',
    path: 'src/http/utils.ts',
    text: 'export const a = 1;',
    says: /named by what it exports/,
  },
  {
    what: 'an attic folder',
    path: 'src/http/helpers/a.ts',
    text: 'export const a = 1;',
    says: /named by what it exports/,
  },
  {
    what: 'a default export',
    path: 'src/http/planted.ts',
    text: 'export default 1;',
    says: /planted.ts:1 has a default export/,
  },
  {
    what: 'a default export of a function',
    path: 'src/http/planted.ts',
    text: 'export default function a() {}',
    says: /default export/,
  },
  {
    what: 'a name exported as default',
    path: 'src/http/planted.ts',
    text: 'const a = 1;\nexport { a as default };',
    says: /default export/,
  },
  {
    what: 'inheritance',
    path: 'src/http/planted.ts',
    text: 'export class A extends Map {}',
    says: /extends Map: only errors extend/,
  },
  {
    what: 'the environment',
    path: 'src/http/planted.ts',
    text: 'export const a = () => process.env.HOME;',
    says: /process.env outside config/,
  },
  {
    what: 'the environment in brackets',
    path: 'src/cli/planted.ts',
    text: "export const a = () => globalThis.process['env'];",
    says: /process.env outside config/,
  },
  {
    what: 'the environment taken apart',
    path: 'src/cli/planted.ts',
    text: 'export const a = () => { const { env } = process; return env; };',
    says: /process.env outside config/,
  },
  {
    what: 'the environment imported',
    path: 'src/cli/planted.ts',
    text: "import { env } from 'node:process';\nexport const a = env;",
    says: /process.env outside config/,
  },
  {
    what: 'a console',
    path: 'src/access/planted.ts',
    text: "export const a = () => { console.log(''); };",
    says: /console outside cli/,
  },
  {
    what: 'work at import',
    path: 'src/cli/planted.ts',
    text: 'process.exitCode = 3;',
    says: /does something when it is imported/,
  },
  {
    what: "a thread's first file that is imported",
    path: 'src/store/vicidial/planted.ts',
    text: "import './bcrypt-worker.ts';",
    says: /only types of a thread's first file/,
  },
  {
    what: 'any',
    path: 'src/lead/planted.ts',
    text: 'export const a = (b: any): unknown => b;',
    says: /planted.ts:1 says any/,
  },
  {
    what: 'evaluated text',
    path: 'src/lead/planted.ts',
    text: "export const a = () => eval('1');",
    says: /evaluates text/,
  },
  {
    what: 'a god file',
    path: 'src/lead/planted.ts',
    text: 'export type A = 1;\n'.repeat(300),
    says: /300 lines; the budget/,
  },
];

describe('the rules find', () => {
  // The real house's files, emptied: there to be imported.
  const house = readHouse().map(({ path }) => ({ path, text: '' }));

  for (const { what, path, text, says } of PLANTED) {
    it(what, () => {
      const breaches = findBreaches([...house, { path, text }], packages);
      assert.equal(breaches.length, 1, breaches.join('\n'));
      assert.match(breaches[0] ?? '', says);
    });
  }

  it('a cycle through a type of another file', () => {
    const breaches = findBreaches(
      [
        { path: 'src/lead/one.ts', text: "import type { Two } from './two.ts';\nexport type One = Two | 1;" },
        { path: 'src/lead/two.ts', text: "import type { One } from './one.ts';\nexport type Two = One | 2;" },
      ],
      [],
    );
    assert.deepEqual(breaches, ['import cycle: src/lead/one.ts -> src/lead/two.ts -> src/lead/one.ts']);
  });

  it('nothing wrong with types of the configuration, an error that extends, a thread and the same room', () => {
    const fine: readonly SourceFile[] = [
      { path: 'src/config/a.ts', text: 'export type A = 1;' },
      { path: 'src/http/b.ts', text: "import { type A } from '../config/a.ts';\nexport type B = A;" },
      {
        path: 'src/http/c.ts',
        text: "import type { B } from './b.ts';\nexport class CError extends TypeError { b?: B }",
      },
      {
        path: 'src/http/d-worker.ts',
        text: "import { parentPort } from 'node:worker_threads';\nexport type D = 1;\nparentPort?.close();",
      },
      { path: 'src/http/d.ts', text: "import type { D } from './d-worker.ts';\nexport type E = D;" },
    ];
    assert.deepEqual(findBreaches(fine, []), []);
  });
});
