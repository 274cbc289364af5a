/**
 * `npm run path`: the files and functions of src/ that run during one warm lookup by telephone number, on the embedded store
 * and on a dialer's MariaDB. `--engine sqlite|mariadb` measures one; `--json` is for programs; `--write` puts the numbers
 * into docs/architecture.md, where test/repo/request-path.test.ts keeps them from growing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { mariadbSkip } from '../test/support/mariadb-server.ts';
import { countFunctions, ENGINES, measurePath, type Engine, type RequestPath } from './measure-path.ts';

const PAGE = join(import.meta.dirname, '..', 'docs', 'architecture.md');

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const chosen = ENGINES.filter((engine) => values.engine === undefined || values.engine === engine);
if (chosen.length === 0) {
  console.error(`path: --engine must be one of ${ENGINES.join(', ')}`);
  process.exit(2);
}

const measured = new Map<Engine, RequestPath>();
for (const engine of chosen) {
  if (engine === 'mariadb' && mariadbSkip !== false)
    console.error(`path: mariadb is left out: ${mariadbSkip}`);
  else measured.set(engine, await measurePath(engine));
}
if (values.json) {
  const engines = [...measured].map(([engine, path]) => [engine, Object.fromEntries(path)] as const);
  console.log(JSON.stringify(Object.fromEntries(engines), null, 2));
} else for (const [engine, path] of measured) print(engine, path);
if (values.write) write();
process.exit(0);

function print(engine: Engine, path: RequestPath): void {
  console.log(`${engine}: one warm lookup by telephone number\n`);
  for (const [file, functions] of path) console.log(`${file}\n  ${functions.join(', ')}`);
  console.log(`\n${engine}: ${path.size} files, ${countFunctions(path)} functions\n`);
}

/** One row for each engine that was measured. */
function write(): void {
  let page = readFileSync(PAGE, 'utf8');
  for (const [engine, path] of measured) {
    const row = new RegExp(`^(\\| ${engine} +\\| ).*$`, 'm');
    const [, name = ''] = row.exec(page) ?? [];
    if (name === '') throw new Error(`docs/architecture.md has no row for ${engine}`);
    page = page.replace(
      row,
      `${name}${String(path.size).padEnd(5)} | ${String(countFunctions(path)).padEnd(9)} |`,
    );
  }
  writeFileSync(PAGE, page);
}
