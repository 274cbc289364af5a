import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { countFunctions, ENGINES, measurePath, type Engine } from '../../scripts/measure-path.ts';
import { ROOT } from '../support/command.ts';
import { mariadbSkip } from '../support/mariadb-server.ts';

/** More files than these are too many, whatever docs/architecture.md says. */
const MOST_FILES: Readonly<Record<Engine, number>> = { sqlite: 30, mariadb: 36 };

describe('one warm lookup', () => {
  for (const engine of ENGINES) {
    const options = { skip: engine === 'mariadb' && mariadbSkip };
    it(`on ${engine} runs no more files and functions than docs/architecture.md says`, options, async () => {
      const page = readFileSync(join(ROOT, 'docs', 'architecture.md'), 'utf8');
      const row = new RegExp(`^\\| ${engine} +\\| +(\\d+) +\\| +(\\d+) +\\|$`, 'm').exec(page);
      assert.ok(row !== null, `docs/architecture.md has no row for ${engine}`);
      const [files, functions] = [Number(row[1]), Number(row[2])];
      const path = await measurePath(engine);
      const measured = countFunctions(path);
      const list = [...path].map(([file, names]) => `${file} ${names.length}`).join('\n');
      // A server of which nothing is seen would be within every limit.
      assert.ok(path.size > 10 && measured > path.size, list);
      assert.ok(path.size <= MOST_FILES[engine], `${path.size} files are too many:\n${list}`);
      assert.ok(path.size <= files, `${path.size} files instead of ${files}; see npm run path:\n${list}`);
      assert.ok(
        measured <= functions,
        `${measured} functions instead of ${functions}; see npm run path:\n${list}`,
      );
    });
  }
});
