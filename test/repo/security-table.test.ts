/** docs/security.md: its tables are complete, its numbers are the code's, and the tests that it names are there. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { numbersOf } from '../../scripts/security-tables.ts';
import { LOCK_MS, MAX_FAILURES } from '../../src/auth/lockout.ts';
import { hashPassword } from '../../src/auth/password-hash.ts';
import { CACHE_MS } from '../../src/auth/password-check.ts';
import { ANSWER_CHARACTERS } from '../../src/core/answer-size.ts';
import { LEAD_CHARACTERS } from '../../src/core/lead-patch.ts';
import { LISTS_CHARACTERS } from '../../src/core/list-patch.ts';
import { ALL_CHARACTERS, ALWAYS_CHARACTERS } from '../../src/service/answer-budget.ts';
import { AUDIT_LIMITS } from '../../src/audit/audit-limits.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { GRACE_MS } from '../../src/http/listener.ts';
import { LIMITS } from '../../src/http/limits.ts';
import { LOG_LIMITS } from '../../src/observe/log.ts';
import { LATE_MS, SILENCE_MS } from '../../src/stores/network/connection.ts';
import { CONNECT_MS } from '../../src/stores/vicidial/open-connection.ts';
import { ROOT } from '../support/command.ts';
import { readPage, tableBelow, uncode } from '../support/markdown.ts';
import { testTitles } from './test-titles.ts';

const { text } = readPage('docs/security.md');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Readonly<Record<string, string>>;
};

const LINES = 65;
const STATES = ['holds', 'in part', 'not proven', 'does not hold'];

interface Line {
  readonly number: string;
  readonly promise: string;
  readonly checks: readonly string[];
  readonly state: string;
  readonly missing: string;
}

const lines = tableBelow(text, '<!-- lines -->').map(
  ([number = '', promise = '', checks = '', state = '', missing = '']): Line => ({
    number,
    promise,
    checks: checks === '' ? [] : checks.split('<br>').map((check) => check.trim()),
    state,
    missing,
  }),
);

/** What is wrong with what a cell names: a test's file and words of its title, or an npm command. */
function faultOf(check: string): string | undefined {
  const [, file, title] = /^`(test\/[\w./-]+\.ts)` "(.+)"$/.exec(check) ?? [];
  if (file !== undefined && title !== undefined) {
    if (!existsSync(join(ROOT, file))) return `there is no ${file}`;
    return testTitles(file).some((known) => known.includes(title))
      ? undefined
      : `no test in ${file} says ${title}`;
  }
  const [, command] = /^`npm (?:run )?([\w:]+)(?: -- [\w -]+)?`$/.exec(check) ?? [];
  if (command === undefined) return `neither a test nor a command: ${check}`;
  return scripts[command] === undefined ? `package.json has no ${command}` : undefined;
}

describe('the lines of docs/security.md', () => {
  it('are all there, in order', () => {
    assert.deepEqual(
      lines.map(({ number }) => number.replace('★', '').trim()),
      Array.from({ length: LINES }, (_, at) => String(at + 1)),
    );
    for (const { number, promise } of lines) assert.ok(promise.length > 20, number);
  });

  it('name existing tests and commands', () => {
    const faults = lines.flatMap(({ number, checks }) =>
      checks.flatMap((check) => {
        const fault = faultOf(check);
        return fault === undefined ? [] : [`${number}: ${fault}`];
      }),
    );
    assert.deepEqual(faults, []);
    assert.match(faultOf('`test/repo/supply.test.ts` "no such test"') ?? '', /^no test in /);
    assert.match(faultOf('`test/nowhere.test.ts` "x"') ?? '', /^there is no /);
    assert.match(faultOf('`npm run nothing`') ?? '', /^package\.json has no /);
    assert.match(faultOf('somewhere') ?? '', /^neither /);
  });

  it('say what does not hold or is not proven, and why, wherever a test does not prove them', () => {
    for (const { number, checks, state, missing } of lines) {
      assert.ok(STATES.includes(state), `${number}: ${state}`);
      assert.equal(state === 'holds', missing === '', number);
      if (checks.length === 0) assert.notEqual(state, 'holds', number);
      // A command alone runs nowhere by itself.
      if (state === 'holds')
        assert.ok(
          checks.some((check) => check.includes('.test.ts`')),
          number,
        );
    }
  });

  it('have every test whose title begins with their number in a file that they name', () => {
    const named = new Map(lines.map(({ number, checks }) => [Number(number.replace('★', '')), checks]));
    const lost = testFiles().flatMap((file) => {
      const wanted = new Set(
        testTitles(file)
          .flatMap(numbersOf)
          .filter((number) => number >= 1 && number <= LINES),
      );
      return [...wanted]
        .filter((number) => named.get(number)?.some((check) => check.includes(`\`${file}\``)) !== true)
        .map((number) => `${number}: ${file}`);
    });
    assert.deepEqual(lost, []);
  });
});

function testFiles(): readonly string[] {
  return readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name}`);
}

/** What was found in systems of this family, as published. */
const CVES = [
  'CVE-2009-2234',
  'CVE-2013-4467',
  'CVE-2013-4468',
  'CVE-2013-7382',
  'CVE-2015-2842',
  'CVE-2015-2843',
  'CVE-2015-2845',
  'CVE-2021-43175',
  'CVE-2021-43176',
  'CVE-2021-46557',
  'CVE-2022-34876',
  'CVE-2022-34877',
  'CVE-2022-34878',
  'CVE-2022-34879',
  'CVE-2024-8503',
  'CVE-2024-8504',
  'CVE-2025-34099',
];

describe('the published weaknesses in docs/security.md', () => {
  const rows = tableBelow(text, '<!-- cves -->');

  it('are all there, each with a test whose title names it, or a reason', () => {
    assert.deepEqual(
      rows.map(([name]) => name),
      CVES,
    );
    for (const [name = '', , check = '', missing = ''] of rows) {
      assert.equal(check === '', missing !== '', `${name}: a test, or why there is none`);
      if (check === '') continue;
      assert.equal(faultOf(check), undefined, name);
      const [, file = ''] = /^`(.+?)`/.exec(check) ?? [];
      assert.ok(
        testTitles(file).some((title) => title.includes(name)),
        `${file} names ${name} in no title`,
      );
    }
  });
});

describe('the numbers in docs/security.md', () => {
  const withUnit = (milliseconds: number) => `${milliseconds / 1000} s`;
  const readable = (milliseconds: number) =>
    milliseconds % 1000 === 0 ? withUnit(milliseconds) : `${milliseconds.toLocaleString('en')} ms`;

  it('has every limit of a request and a connection with its value and a reason', () => {
    const rows = tableBelow(text, '<!-- limits -->');
    const valueOf = (name: string, value: number) => {
      if (name.endsWith('Bytes')) return `${value / 1024} KiB`;
      return name.endsWith('Ms') ? readable(value) : value.toLocaleString('en');
    };
    const limits: Readonly<Record<string, number>> = LIMITS;
    assert.deepEqual(
      rows.map(([name = '', value]) => [uncode(name), value]),
      Object.entries(limits).map(([name, value]) => [name, valueOf(name, value)]),
    );
    for (const [name = '', , reason = ''] of rows) assert.match(reason, /\w{3}.{20,}\.$/, name);
  });

  it('has every limit of an answer with its value', () => {
    assert.deepEqual(
      tableBelow(text, '<!-- answers -->').map(([, value]) => value),
      [ANSWER_CHARACTERS, ALL_CHARACTERS, ALWAYS_CHARACTERS, LEAD_CHARACTERS, LISTS_CHARACTERS].map((value) =>
        value.toLocaleString('en'),
      ),
    );
  });

  it('are those of the code', async () => {
    const [, memory, passes] = /m=(\d+),t=(\d+),/.exec(await hashPassword('any')) ?? [];
    assert.deepEqual(
      tableBelow(text, '<!-- numbers -->').map(([, value]) => value),
      [
        String(MAX_FAILURES),
        `${LOCK_MS / 60_000} min`,
        withUnit(CACHE_MS),
        `${Number(memory).toLocaleString('en')} KiB`,
        passes,
        SETTINGS.rateLimit.byDefault,
        withUnit(AUDIT_LIMITS.retryMs),
        withUnit(AUDIT_LIMITS.syncMs),
        `${AUDIT_LIMITS.fileBytes / 1024 / 1024} MiB`,
        `${LOG_LIMITS.bufferedBytes / 1024 / 1024} MiB`,
        readable(CONNECT_MS),
        readable(SILENCE_MS),
        readable(LATE_MS),
        withUnit(GRACE_MS),
      ],
    );
  });
});
