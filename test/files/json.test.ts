import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';

import { JsonElements } from '../../src/files/json-elements.ts';
import { readContent } from './read-source.ts';

const LEADS = [
  { phone: '5512345678', name: { first: 'Ana', last: null }, tags: ['a', 'b'], vip: true },
  {
    phone: '5512345679',
    'e-mail': 'x@example.com',
    name: { first: 'Luis "el {güero}"\n' },
    numbers: [{ n: 1 }, { n: 2 }],
  },
];
const HEADER = ['phone', 'name.first', 'name.last', 'tags', 'vip', 'e-mail', 'numbers.1.n', 'numbers.2.n'];
const ROWS = [
  ['5512345678', 'Ana', null, 'a ::: b', '1', null, null, null],
  ['5512345679', 'Luis "el {güero}"\n', null, null, null, 'x@example.com', '1', '2'],
];

describe('JSON', () => {
  const files: readonly (readonly [what: string, content: string | Buffer])[] = [
    ['an array on one line', JSON.stringify(LEADS)],
    ['an array over lines', JSON.stringify(LEADS, null, 2)],
    ['an array with a line for each', `[\n${LEADS.map((lead) => JSON.stringify(lead)).join(',\n')}\n]\n`],
    ['JSON lines', LEADS.map((lead) => `${JSON.stringify(lead)}\n`).join('')],
    ['objects one after the other', LEADS.map((lead) => JSON.stringify(lead, null, '\t')).join('\n')],
    ['an answer of an API', JSON.stringify({ total: 2, paging: { next: 'x' }, results: LEADS }, null, 2)],
    ['a byte order mark', `\uFEFF${JSON.stringify(LEADS)}`],
    ['compressed', gzipSync(JSON.stringify(LEADS))],
  ];
  for (const [what, content] of files) {
    it(`is read: ${what}`, async () => {
      const found = await readContent(content, { name: 'leads.txt' });
      assert.deepEqual([found.kind, found.header, found.bad], ['json', HEADER, []]);
      assert.deepEqual(
        found.rows.map(({ cells }) => cells),
        ROWS,
      );
      assert.equal(found.bytes, found.size);
    });
  }

  it('keeps every digit of a number', async () => {
    const { rows } = await readContent('[{"a":5512345678901234567,"b":1.2E+10,"c":0.10,"d":-3}]');
    assert.deepEqual(rows[0]?.cells, ['5512345678901234567', '12000000000', '0.1', '-3']);
  });

  it('goes on after an object that is broken', async () => {
    const broken = ['{"a":"1"', '{"a":"1', '{"a":"1"}}x', '{"a" "1"}', '{"a":["1"}', '"text"'];
    for (const line of broken) {
      for (const [before, between, after] of [
        ['', '\n', '\n'],
        ['[\n', ',\n', '\n]'],
        ['[\n  ', ',\n  ', '\n]'],
      ]) {
        const content = `${before}{"a":"0"}${between}${line}${between}{"a":"2"}${after}`;
        const found = await readContent(content);
        const values = found.rows.map(({ cells }) => cells[0]);
        assert.ok(values.includes('0') && values.includes('2'), JSON.stringify([content, values]));
      }
    }
  });

  it('is said to be cut off wherever it is cut, and keeps what is whole', async () => {
    const rows = Array.from({ length: 4 }, (_, at) => ({ phone: `331234000${at}`, of: { x: ['"]', '}'] } }));
    for (const whole of [
      JSON.stringify(rows),
      JSON.stringify(rows, null, 2),
      JSON.stringify({ total: 4, data: rows, next: { page: [2] } }),
    ]) {
      const first = whole.indexOf('}') + whole.slice(whole.indexOf('}')).indexOf('}', 20);
      for (let end = first + 1; end < whole.length; end += 7) {
        const found = await readContent(whole.slice(0, end));
        assert.match(found.damage ?? 'nothing is said', /^FILE was cut off: /, whole.slice(0, end));
        assert.ok(found.rows.length > 0 && found.bad.length <= 1);
      }
      assert.equal((await readContent(`${whole}\n \t`)).damage, undefined);
    }
  });

  it('is said to go on behind its end', async () => {
    const array = '[{"a":"1"}]';
    for (const behind of [array, ',{"a":"2"}', ']', '{}', 'x', '\n0']) {
      for (const [file, what] of [
        [array, 'array of its rows'],
        [`{"data":${array},"n":["]","}"]}`, 'object around its rows'],
      ] as const) {
        const { damage, rows, bad } = await readContent(`${file}${behind}`);
        const line = behind.startsWith('\n') ? 2 : 1;
        assert.equal(
          damage,
          `FILE goes on in line ${line} behind the end of the ${what}; make one array of it, or several files`,
        );
        assert.deepEqual([rows.length, bad], [1, []]);
      }
    }
  });

  it('loses nothing that stands between its objects', async () => {
    const { rows, bad, damage } = await readContent('[{"a":"1"}, 1, "text",\nnull,{"a":"2"} true\n]');
    assert.deepEqual(
      [rows.map(({ cells }) => cells), bad.map(({ raw }) => raw), damage],
      [[['1'], ['2']], ['1', '"text"', 'null', 'true'], undefined],
    );
    assert.deepEqual(
      bad.map(({ line, reason }) => `${line} ${reason}`),
      [1, 1, 2, 2].map((line) => `${line} is no JSON object`),
    );
  });

  it('is refused where it has no object', async () => {
    await assert.rejects(readContent('[]'), /has no JSON object/);
    await assert.rejects(readContent('{}'), /has no JSON object/);
  });

  it('keeps no more of an element than an element has', () => {
    const bad: string[] = [];
    const elements = new JsonElements(
      () => undefined,
      (raw) => void bad.push(raw),
    );
    elements.add('[{"a":"');
    for (let piece = 0; piece < 200; piece++) elements.add('x'.repeat(65_536));
    elements.finish();
    assert.deepEqual(
      bad.map((raw) => raw.length),
      [1_000_000],
    );
    assert.match(elements.fault ?? '', /^was cut off: it ends within a row that begins in line 1$/);
  });

  it('rejects what is nested too deeply, or has too many names', async () => {
    const deep = `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`;
    const wide = `{${Array.from({ length: 2_002 }, (_, at) => `"n${at}":1`).join()}}`;
    for (const content of [deep, wide, `{"a":${'[{"b":'.repeat(40)}1${'}]'.repeat(40)}}`]) {
      const { rows, bad } = await readContent(`[{"a":"1"},\n${content},\n{"a":"2"}]`);
      assert.deepEqual([rows.length, bad.map(({ line }) => line)], [2, [2]]);
      assert.equal(bad[0]?.reason, 'is nested too deeply, or has more than 2000 names');
    }
  });
});
