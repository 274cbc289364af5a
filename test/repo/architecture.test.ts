import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { cruise, type ICruiseResult, type IConfiguration } from 'dependency-cruiser';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';

import { plainWords } from '../../scripts/lint/plain-words.ts';
import { temporaryFolder } from '../support/test-app.ts';

const root = join(import.meta.dirname, '..', '..');

/** A configuration of a tool, which is JavaScript without types. */
function load(file: string): Promise<Record<string, unknown>> {
  return import(pathToFileURL(join(root, file)).href) as Promise<Record<string, unknown>>;
}
const { default: configuration, MODULES } = (await load('.dependency-cruiser.mjs')) as {
  default: Required<IConfiguration>;
  MODULES: Readonly<Record<string, readonly string[]>>;
};
const { NO_ENVIRONMENT, NO_WORK_AT_IMPORT, SOURCE_SYNTAX } = (await load('eslint.config.mjs')) as Record<
  'NO_ENVIRONMENT' | 'NO_WORK_AT_IMPORT' | 'SOURCE_SYNTAX',
  readonly { readonly selector: string; readonly message: string }[]
>;

/** Breaches of the dependency rules in a folder's src/: `rule: from -> to`. */
async function breachesOf(folder: string): Promise<{ modules: number; breaches: readonly string[] }> {
  const { forbidden, allowed, allowedSeverity, options } = configuration;
  const { output } = await cruise(['src'], {
    ...options,
    baseDir: folder,
    tsConfig: { fileName: join(root, 'tsconfig.json') },
    ruleSet: { forbidden, allowed, allowedSeverity },
    validate: true,
  });
  const { modules, summary } = output as ICruiseResult;
  return {
    modules: modules.filter(({ source }) => source.startsWith('src/')).length,
    breaches: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
  };
}

describe('the dependencies between modules', () => {
  it('follow the rules of .dependency-cruiser.mjs', async () => {
    const { modules, breaches } = await breachesOf(root);
    assert.ok(modules > 150, `only ${modules} files were read`);
    assert.deepEqual(breaches, []);
  });

  it('are those of the table in docs/architecture.md', () => {
    const page = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
    for (const [module, others] of Object.entries(MODULES)) {
      const name = module.endsWith('.ts') ? `src/${module}` : `src/${module}/`;
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\``));
      assert.ok(row !== undefined, `docs/architecture.md does not name ${name}`);
      const cells = row.split('|').map((cell) => cell.trim());
      const named = [...(cells.at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, other]) => other);
      assert.deepEqual(named, others, name);
    }
  });
});

/** Files put into an empty tree, and the rule that must find them. */
const PLANTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no-circular': {
    'src/core/one.ts': "import type { Two } from './two.ts';\nexport type One = Two | 1;",
    'src/core/two.ts': "import type { One } from './one.ts';\nexport type Two = One | 2;",
  },
  'not-to-unresolvable': { 'src/core/planted.ts': "import './nowhere.ts';" },
  'core-is-pure': { 'src/core/planted.ts': "import 'node:fs';" },
  'no-program-is-started': { 'src/cli/planted.ts': "import 'node:child_process';" },
  'no-other-program-is-started': { 'src/cluster/planted.ts': "import 'node:vm';" },
  'rows-stop-at-the-store': { 'src/service/planted.ts': "import 'node:sqlite';" },
  'few-files-name-the-engines': {
    'src/stores/planted.ts': "import './sqlite/connection.ts';",
    'src/stores/sqlite/connection.ts': 'export const a = 1;',
  },
  'engines-know-nothing-of-each-other': {
    'src/stores/vicidial/planted.ts': "import '../sqlite/connection.ts';",
    'src/stores/sqlite/connection.ts': 'export const a = 1;',
  },
  'only-app-registers-endpoints': {
    'src/endpoints/goapi/planted.ts': "import '../card/card.ts';",
    'src/endpoints/card/card.ts': 'export const a = 1;',
  },
  'only-servers-load-the-app': {
    'src/process/planted.ts': "import { createApp } from '../app.ts';\nexport const a = createApp;",
    'src/app.ts': 'export const createApp = 1;',
  },
  'only-servers-load-every-engine': {
    'src/cli/planted.ts': "import { openStore } from '../stores/open-store.ts';\nexport const a = openStore;",
    'src/stores/open-store.ts': 'export const openStore = 1;',
  },
  'first-files-are-not-imported': {
    'src/stores/vicidial/planted.ts': "import './bcrypt-worker.ts';",
    'src/stores/vicidial/bcrypt-worker.ts': 'export const a = 1;',
  },
  'no-attics': {
    'src/http/planted.ts': "import './helpers/a.ts';",
    'src/http/helpers/a.ts': 'export const a = 1;',
  },
  'only-types-of-config-in-http': {
    'src/http/planted.ts': "import { load } from '../config/load.ts';\nexport const a = load;",
    'src/config/load.ts': 'export const load = 1;',
  },
  'not-in-allowed': {
    'src/core/planted.ts': "import '../auth/lockout.ts';",
    'src/auth/lockout.ts': 'export const a = 1;',
  },
};

describe('the dependency rules find', () => {
  for (const [rule, files] of Object.entries(PLANTED)) {
    it(rule, async () => {
      const folder = temporaryFolder();
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      const { breaches } = await breachesOf(folder);
      assert.ok(
        breaches.some((breach) => breach.startsWith(`${rule}: `)),
        `found ${breaches.join(', ') || 'nothing'}`,
      );
    });
  }

  it('nothing wrong with a type of another module and a file of the same one', async () => {
    const folder = temporaryFolder();
    const files = {
      'src/config/a.ts': 'export type A = 1;',
      'src/http/b.ts': "import { type A } from '../config/a.ts';\nexport type B = A;",
      'src/http/c.ts': "import type { B } from './b.ts';\nexport type C = B;",
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    assert.deepEqual((await breachesOf(folder)).breaches, []);
  });
});

/** Code that src/ must not have, and what is said of it. */
const FORBIDDEN_SYNTAX: Readonly<Record<string, RegExp>> = {
  'export default 1;': /exports by name/,
  'export default function a() {}': /exports by name/,
  'const a = 1; export { a as default };': /exports by name/,
  'export class A extends Map {}': /Only errors extend/,
  "export const a = () => eval('1');": /evaluates text/,
  "export const a = () => new Function('1');": /evaluates text/,
  'process.exitCode = 3;': /when a file is imported/,
  'export const a = () => process.env.HOME;': /environment is read once/,
  "export const a = () => globalThis.process['env'];": /environment is read once/,
  'export const a = () => { const { env } = process; return env; };': /environment is read once/,
  "import { env } from 'node:process'; export const a = env;": /environment is read once/,
};

function lint(code: string, rules: Linter.RulesRecord): readonly string[] {
  const linter = new Linter();
  const messages = linter.verify(
    code,
    [
      {
        files: ['**/*.ts'],
        languageOptions: { parser: tseslint.parser },
        plugins: { words: { rules: { plain: plainWords } } },
        rules,
      },
    ],
    'planted.ts',
  );
  return messages.map(({ message }) => message);
}

describe('the rules of the linter find', () => {
  const rules: Linter.RulesRecord = {
    'no-restricted-syntax': ['error', ...SOURCE_SYNTAX, ...NO_WORK_AT_IMPORT, ...NO_ENVIRONMENT],
  };
  for (const [code, says] of Object.entries(FORBIDDEN_SYNTAX)) {
    it(code, () => {
      const messages = lint(code, rules);
      assert.equal(messages.length, 1, messages.join('\n'));
      assert.match(messages[0] ?? '', says);
    });
  }

  it('nothing wrong with an error that extends and a function that runs when it is called', () => {
    assert.deepEqual(lint('export class AError extends TypeError {}\nexport const a = () => 1;', rules), []);
  });
});

describe('the rule for words', () => {
  const say = (code: string) => lint(code, { 'words/plain': 'error' });

  it('refuses a private word in whatever declares a name', () => {
    for (const code of [
      'const desk = 1;',
      'function tellAll() {}',
      'const f = ({ asker }) => 1;',
      'interface WalkLimit { a: 1 }',
      'type A = { readonly isTold: boolean };',
      'const OPEN_DOORS = 1;',
      'class Crew {}',
      'class A { #owed = 1; }',
      'class A { hire() {} }',
      'const a = { knowledge: 1 };',
      'try { a(); } catch (deed) { a(deed); }',
    ]) {
      assert.equal(say(code).length, 1, code);
    }
  });

  it('names the field’s word', () => {
    assert.match(say('const door = 1;')[0] ?? '', /the field's word is endpoint/);
  });

  it('takes names that only contain such letters, and names that others gave', () => {
    assert.deepEqual(say('const doormat = intelligence; const a = other.desk; Math.floor(walker());'), []);
  });
});
