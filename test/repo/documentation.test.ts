import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';

import { writtenDocs } from '../../scripts/write-docs.ts';
import { LOCK_MS, MAX_FAILURES } from '../../src/auth/lockout.ts';
import { EXIT } from '../../src/process/exit-code.ts';
import { environmentName, SETTING_NAMES } from '../../src/config/settings.ts';
import {
  ACTION_MISSING,
  ACTION_UNKNOWN,
  answerFor,
  RESPONSETYPE_UNKNOWN,
} from '../../src/endpoints/goapi/answers.ts';
import { LIMITS } from '../../src/http/limits.ts';
import { LEAD_FIELDS } from '../../src/core/lead.ts';
import type { Problem } from '../../src/core/problem.ts';
import { ROOT } from '../support/command.ts';
import { readPage, readPages, tableBelow, uncode } from '../support/markdown.ts';
import { OF_CHANGES, PROBLEMS } from '../support/problems.ts';

const pages = readPages();
const { dependencies, scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Readonly<Record<string, string>>;
  scripts: Readonly<Record<string, string>>;
};

describe('what the documentation takes from the code', () => {
  it('is as "npm run docs" writes it', async () => {
    for (const [path, text] of await writtenDocs()) {
      assert.equal(readFileSync(join(ROOT, path), 'utf8'), text, `${path} is old; run npm run docs`);
    }
  });

  it('has every setting and every command', () => {
    const settings = tableBelow(readPage('docs/settings.md').text, '<!-- settings:begin -->').map(
      ([name = '']) => uncode(name),
    );
    assert.deepEqual(settings, SETTING_NAMES);
    const commands = [...readPage('docs/commands.md').text.matchAll(/^## callercard ?(.*)$/gm)].map(
      ([, words]) => words,
    );
    for (const command of [
      '',
      'demo',
      'serve',
      'import',
      'export',
      'user add',
      'user enable',
      'lookup',
      'check',
      'settings',
    ]) {
      assert.ok(commands.includes(command), `callercard ${command}`);
    }
  });
});

describe('the pages', () => {
  it('link only to files and headings that are there', () => {
    const broken = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !/^https?:/.test(target) && !leadsSomewhere(path, target))
        .map((target) => `${path}: ${target}`),
    );
    assert.deepEqual(broken, []);
    assert.equal(leadsSomewhere('README.md', 'docs/nowhere.md'), false);
    assert.equal(leadsSomewhere('README.md', 'docs/settings.md#nowhere'), false);
  });

  it('are reachable from the README', () => {
    const linked = new Set(pages.flatMap(({ path, text }) => linksOf(path, text)));
    const lost = pages.filter(
      ({ path }) => path !== 'README.md' && !linked.has(path) && !linked.has(dirname(path)),
    );
    assert.deepEqual(
      lost.map(({ path }) => path),
      [],
    );
  });

  it('name only files, npm scripts, variables and flags that exist', () => {
    const commands = readPage('docs/commands.md').text;
    const variables = new Set([
      'CALLERCARD_CONFIG',
      'CALLERCARD_PROT',
      ...SETTING_NAMES.map(environmentName),
    ]);
    // Flags of this repository's benchmarks, of curl, npm, node, docker, sort and xargs that the pages use.
    const others = new Set([
      '--all',
      '--build-arg',
      '--cap-drop',
      '--compare',
      '--data-urlencode',
      '--env-file',
      '--field-separator',
      '--format',
      '--get',
      '--ignore-scripts',
      '--key',
      '--no-run-if-empty',
      '--omit',
      '--out',
      '--part',
      '--read-only',
      '--row',
      '--security-opt',
      '--silent',
      '--sizes',
      '--test',
      '--tmpfs',
      '--write',
    ]);
    const wrong = pages.flatMap(({ path, text }) => {
      const files = [...text.matchAll(/`((?:src|test|bin|scripts|bench|deploy|docs)\/[\w./-]+)`/g)].map(
        ([, file = '']) => file,
      );
      const runs = [...text.matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = '']) => name);
      return [
        ...files.filter((file) => !existsSync(join(ROOT, file))),
        ...runs.filter((name) => scripts[name] === undefined),
        ...(text.match(/\bCALLERCARD_[A-Z_]+\b/g) ?? []).filter(
          (name) => name !== 'CALLERCARD_' && !variables.has(name),
        ),
        ...(text.match(/(?<=[\s`([])--[a-z][a-z0-9-]+/g) ?? []).filter(
          (flag) => !commands.includes(flag) && !others.has(flag),
        ),
      ].map((name) => `${path}: ${name}`);
    });
    assert.deepEqual(wrong, []);
  });

  it('make tokens only in blocks that are run', () => {
    const made = pages
      .filter(({ path }) => path !== 'docs/commands.md')
      .flatMap(({ path, blocks }) =>
        blocks
          .filter(({ text }) => /\bcallercard token /.test(text))
          .map(({ language, line }) => ({ at: `${path}:${line}`, language })),
      );
    assert.ok(made.length >= 6);
    assert.deepEqual(
      made.filter(({ language }) => language !== 'sh'),
      [],
    );
  });
});

function linksOf(path: string, text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)/g)].map(([, target = '']) =>
    join(dirname(path), target).replace(/\/$/, ''),
  );
}

function leadsSomewhere(from: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : join(dirname(from), file);
  if (!existsSync(join(ROOT, path))) return false;
  if (anchor === undefined) return true;
  const headings = [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^#+ (.+)$/gm)].map(
    ([, heading = '']) => heading,
  );
  return headings.some(
    (heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-') === anchor,
  );
}

describe('docs/goapi-compatibility.md', () => {
  const { text } = readPage('docs/goapi-compatibility.md');
  const outcomes = tableBelow(text, '<!-- outcomes -->').map(
    ([outcome = '', status, answer = '', problem = '']) => ({
      outcome,
      status: Number(status),
      answer: uncode(answer),
      problem: uncode(problem),
    }),
  );

  it('has every outcome with its status and answer, as the endpoint gives them', () => {
    const shown = new Map(outcomes.map(({ problem, ...row }) => [problem, row]));
    const problems = Object.values<Problem>(PROBLEMS).filter(({ code }) => !OF_CHANGES.has(code));
    for (const problem of problems) {
      const { status, envelope, retryAfterSeconds } = answerFor(problem);
      const row = shown.get(problem.code);
      assert.deepEqual([row?.status, row?.answer], [status, JSON.stringify(envelope)], problem.code);
      assert.equal(row?.outcome.includes('Retry-After'), retryAfterSeconds !== undefined, problem.code);
    }
    const others = outcomes
      .filter(({ problem }) => problem === '')
      .map(({ status, answer }) => [status, answer]);
    assert.deepEqual(others, [
      [200, JSON.stringify(ACTION_MISSING.envelope)],
      [200, JSON.stringify(ACTION_UNKNOWN.envelope)],
      [200, RESPONSETYPE_UNKNOWN],
    ]);
    assert.equal(outcomes.length, problems.length + others.length);
  });

  it('has the limits that the server has', () => {
    const limits = new Map(tableBelow(text, '## Limits').map(([what = '', limit = '']) => [what, limit]));
    assert.equal(limits.get('URL'), `${LIMITS.urlBytes / 1024} KiB`);
    assert.equal(limits.get('body'), `${LIMITS.bodyBytes / 1024} KiB`);
    assert.equal(limits.get('headers'), `${LIMITS.headerBytes / 1024} KiB`);
    assert.equal(
      limits.get('time to send a whole request'),
      `${LIMITS.requestMs / 1000} s, its headers ${LIMITS.headersMs / 1000} s`,
    );
    assert.equal(limits.get('failed logins'), `${MAX_FAILURES}, then ${LOCK_MS / 60_000} minutes`);
  });

  it('shows the documented fields in their order', () => {
    const shown = readPage('docs/goapi-compatibility.md').blocks.find(({ language }) => language === 'json');
    const { lead_info } = JSON.parse(shown?.text ?? '') as { lead_info: object };
    assert.deepEqual(Object.keys(lead_info), LEAD_FIELDS);
  });
});

describe('docs/commands.md', () => {
  it('has the exit codes that commands use', () => {
    const [, listed = ''] = /^Exit codes:\n((?: {2}.*\n)+)/m.exec(readPage('docs/commands.md').text) ?? [];
    const codes = [...listed.matchAll(/^ {2}(\d+) /gm)].map(([, code]) => Number(code));
    assert.deepEqual(codes, Object.values(EXIT));
  });
});

describe('docs/architecture.md', () => {
  const { text } = readPage('docs/architecture.md');

  it('is one page', () => {
    const words = text.split(/\s+/).length;
    assert.ok(words < 1_500, `${words} words`);
  });
});

describe('the decisions', () => {
  const names = readdirSync(join(ROOT, 'docs', 'decisions')).sort();

  it('are numbered without gaps and say what, why and what else was considered', () => {
    for (const [at, name] of names.entries()) {
      const number = String(at + 1).padStart(4, '0');
      assert.match(name, new RegExp(`^${number}-[a-z0-9-]+\\.md$`));
      const { text } = readPage(`docs/decisions/${name}`);
      assert.match(
        text,
        new RegExp(`^# ${number}: .+\n\n## What\n[^]+\n## Why\n[^]+\n## What else was considered\n`),
        name,
      );
    }
  });

  it('give each run-time dependency a reason, and none to anything else', () => {
    const table = tableBelow(readPage('docs/decisions/0005-dependencies.md').text, '## What');
    assert.deepEqual(table.map(([name = '']) => uncode(name)).sort(), Object.keys(dependencies).sort());
    for (const [name = '', reason = ''] of table) assert.match(reason, /\w{3}.*\.$/, name);
  });
});
