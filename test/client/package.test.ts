import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';

import { ROOT } from '../support/command.ts';
import { loadDataset } from '../support/dataset.ts';
import { readPage } from '../support/markdown.ts';
import { startTestApp, temporaryFolder } from '../support/test-app.ts';

const run = promisify(execFile);
const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

/** The package as it is installed elsewhere, with its client alone. */
async function install(): Promise<string> {
  const folder = temporaryFolder();
  const installed = join(folder, 'node_modules', 'callercard');
  mkdirSync(installed, { recursive: true });
  const client = join(installed, 'dist', 'client');
  await run(process.execPath, [
    compiler,
    '--project',
    join(ROOT, 'tsconfig.client.json'),
    '--outDir',
    client,
  ]);
  writeFileSync(join(installed, 'package.json'), readFileSync(join(ROOT, 'package.json')));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return folder;
}

describe('callercard/client', () => {
  it('imports nothing but its own files, and takes nothing that only Node.js has', () => {
    const folder = join(ROOT, 'src', 'client');
    for (const name of readdirSync(folder)) {
      const text = readFileSync(join(folder, name), 'utf8');
      for (const [, from = ''] of text.matchAll(/\bfrom '([^']+)'|\bimport\(/g))
        assert.match(from, /^\.\/[\w-]+\.ts$/, name);
      assert.doesNotMatch(text, /\b(?:Buffer|process|require|setImmediate|__dirname)\b/, name);
    }
  });

  it('is installed with types that stand by themselves, and its page does what it shows', async () => {
    const folder = await install();
    const use = `import { createClient, CallercardError, type Lead } from 'callercard/client';
const lead: Promise<Lead> = createClient({ url: 'http://x', token: 't' }).getLead(1);
export const name: Promise<string | null> = lead.then(({ first_name }) => first_name);
export const code: string = new CallercardError('', { code: 'timeout' }).code;
`;
    writeFileSync(join(folder, 'use.ts'), use);
    const strict = ['--strict', '--noEmit', '--module', 'nodenext', '--lib', 'ES2024,DOM'];
    await run(process.execPath, [compiler, ...strict, 'use.ts'], { cwd: folder }).catch((cause: unknown) => {
      assert.fail(String((cause as { stdout?: unknown }).stdout));
    });

    const { blocks } = readPage('docs/client.md');
    const target = await startTestApp(temporaryFolder(), loadDataset);
    try {
      const example = blocks.find(({ language }) => language === 'js')?.text ?? '';
      const script = example
        .replace('http://127.0.0.1:8080', target.url)
        .replace("password: 'MyPass'", "password: 'MyPass', timeoutMs: 60_000");
      writeFileSync(join(folder, 'example.js'), script);
      const { stdout } = await run(process.execPath, ['example.js'], { cwd: folder });
      assert.equal(stdout.trim(), blocks.find(({ language }) => language === 'text')?.text);
    } finally {
      await target.close();
    }
  });
});
