import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { ROOT } from '../support/command.ts';
import { findDangers } from './dangerous-code.ts';

describe('the product', () => {
  it('4: starts no program, evaluates no text, and opens no file where a request is known', () => {
    const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .map((name) => `src/${name}`)
      .filter((path) => path.endsWith('.ts'))
      .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
    assert.ok(files.length > 50, `only ${files.length} files were read`);
    assert.deepEqual(findDangers(files), []);
  });

  for (const [path, text, says] of [
    ['src/cli/planted.ts', "import { exec } from 'node:child_process';", /imports node:child_process/],
    ['src/cli/planted.ts', "import { exec } from 'child_process';", /imports child_process/],
    ['src/cli/planted.ts', "export * from 'node:vm';", /imports node:vm/],
    ['src/cli/planted.ts', "import { createRequire } from 'node:module';", /imports node:module/],
    ['src/cli/planted.ts', "await import('node:child_process');", /imports node:child_process/],
    ['src/cli/planted.ts', 'await import(name);', /a module that a text names/],
    ['src/cli/planted.ts', 'eval(text);', /calls eval/],
    ['src/cli/planted.ts', 'Function(text)();', /calls Function/],
    ['src/cli/planted.ts', 'new Function(text);', /calls Function/],
    ['src/cli/planted.ts', 'value.constructor(text);', /calls a constructor/],
    ['src/cli/planted.ts', "process.getBuiltinModule('child_process');", /calls process\.getBuiltinModule/],
    ['src/cli/planted.ts', "setTimeout('text', 1);", /evaluates a text later/],
    ['src/cli/planted.ts', 'new Worker(text, { eval: true });', /starts the thread text/],
    [
      'src/endpoints/goapi/planted.ts',
      "import { readFileSync } from 'node:fs';",
      /where a request may name a file/,
    ],
    ['src/http/planted.ts', "import { open } from 'node:fs/promises';", /where a request may name a file/],
    [
      'src/domain/import-process.ts',
      "import { exec } from 'node:child_process';",
      /imports node:child_process/,
    ],
    ['src/domain/import-process.ts', 'fork(name, {});', /starts the program name/],
    ['src/cluster/planted.ts', "import cluster from 'node:cluster';", /imports node:cluster/],
  ] as const) {
    it(`4: would be caught: ${text} in ${path}`, () => {
      const dangers = findDangers([{ path, text }]);
      assert.equal(dangers.length, 1, dangers.join('\n'));
      assert.match(dangers[0] ?? '', says);
    });
  }
});
