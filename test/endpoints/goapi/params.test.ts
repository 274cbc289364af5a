import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { readPairs } from '../../../src/endpoints/goapi/params.ts';
import { ProblemError } from '../../../src/core/problem.ts';

/** A list with these parts, each with the keys that lead to it. */
function listWith(...parts: readonly (readonly [keys: readonly string[], text: string])[]) {
  return { fault: 'must be one value, not a list', parts };
}

function assertRefused(read: () => unknown, reason: string): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof ProblemError);
    assert.deepEqual(error.problem, { code: 'request_unparsable', reason: `the request has ${reason}` });
    return true;
  });
}

describe('names of parameters, as PHP reads them', () => {
  const names: readonly (readonly [sent: string, name: string])[] = [
    ['phone number', 'phone_number'],
    ['phone+number', 'phone_number'],
    ['phone%20number', 'phone_number'],
    ['phone.number', 'phone_number'],
    ['leed id', 'leed_id'],
    ['  lead_id', 'lead_id'],
    ['%20lead_id', 'lead_id'],
    ['lead_id ', 'lead_id_'],
    ['a b.c', 'a_b_c'],
    ['a[b', 'a_b'],
    ['[a]', '_a]'],
    ['a]', 'a]'],
    ['Lead_ID', 'Lead_ID'],
    ['ñandú', 'ñandú'],
    ['%C3%B1', 'ñ'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
  ];
  for (const [sent, name] of names) {
    it(`${JSON.stringify(sent)} is ${JSON.stringify(name)} and nothing else`, () => {
      assert.deepEqual([...readPairs(`${sent}=1`)], [[name, '1']]);
    });
  }

  it('that are empty are no parameters', () => {
    assert.deepEqual([...readPairs('=1&+=2&&%20%20=3&')], []);
  });

  for (const [name, keys] of [
    ['a[]', ['']],
    ['a[x]', ['x']],
    ['a[x][y]', ['x', 'y']],
    ['a[x].b', ['x']],
    ['a%5B%5D', ['']],
  ] as const) {
    it(`${name} is a list where one value is expected`, () => {
      assert.deepEqual([...readPairs(`${name}=1`)], [['a', listWith([keys, '1'])]]);
    });
  }

  it('that are lists have all of their parts, in their order', () => {
    const list = listWith([['0', 'name'], 'x'], [['0', 'value'], ''], [['1', 'name'], 'y']);
    assert.deepEqual(
      [...readPairs('a[0][name]=x&b=1&a[0][value]=&a[1][name]=y')],
      [
        ['a', list],
        ['b', '1'],
      ],
    );
  });

  it('that are repeated take the last value, be it a list', () => {
    assert.deepEqual(
      [...readPairs('a=1&a=2&b=x&a=3')],
      [
        ['a', '3'],
        ['b', 'x'],
      ],
    );
    assert.deepEqual([...readPairs('a=1&a[]=2')], [['a', listWith([[''], '2'])]]);
    assert.deepEqual([...readPairs('a[]=1&a=2')], [['a', '2']]);
    assert.deepEqual([...readPairs('phone number=1&phone.number=2')], [['phone_number', '2']]);
  });
});

describe('values of parameters', () => {
  const values: readonly (readonly [sent: string, value: string])[] = [
    ['', ''],
    ['1', '1'],
    ['b=c=d', 'b=c=d'],
    ['a+b', 'a b'],
    ['+52', ' 52'],
    ['%2B52', '+52'],
    ['%20', ' '],
    // Decoded once.
    ['%2525', '%25'],
    ['%252B', '%2B'],
    ['%C3%B1%F0%9F%98%80', 'ñ😀'],
    ['ñ 😀', 'ñ 😀'],
    ['%00', '\u0000'],
    ['%EF%BF%BF', '\uffff'],
    ['%ef%bb%bfx', '\ufeffx'],
    [';a=1', ';a=1'],
    ['#', '#'],
  ];
  for (const [sent, value] of values) {
    it(`${JSON.stringify(sent)} is ${JSON.stringify(value)}`, () => {
      assert.deepEqual([...readPairs(`x=${sent}`)], [['x', value]]);
    });
  }

  it('without an equals sign are empty', () => {
    assert.deepEqual(
      [...readPairs('debugX&a=1')],
      [
        ['debugX', ''],
        ['a', '1'],
      ],
    );
  });

  for (const broken of [
    '%',
    '%4',
    '%zz',
    '%u0041',
    '%C3',
    '%C3%28',
    '%C0%AF',
    '%E0%80%AF',
    '%ED%A0%80',
    '%F4%90%80%80',
    '%FF',
  ]) {
    it(`${broken} refuses the request, in a name as in a value`, () => {
      assertRefused(() => readPairs(`a=1&x=${broken}`), 'a broken percent-encoding');
      assertRefused(() => readPairs(`x${broken}=1`), 'a broken percent-encoding');
    });
  }
});

describe('limits of parameters', () => {
  const pairs = (count: number) => Array.from({ length: count }, (_, at) => `p${at}=1`).join('&');

  it('are 100 parameters, repeated ones counted', () => {
    assert.equal(readPairs(pairs(100)).size, 100);
    assertRefused(() => readPairs(pairs(101)), 'more than 100 parameters');
    assertRefused(() => readPairs('a=1&'.repeat(101)), 'more than 100 parameters');
    assert.equal(readPairs(`${'&'.repeat(500)}a=1`).size, 1);
  });

  it('are 64 bytes for a name', () => {
    for (const name of ['n'.repeat(64), 'ñ'.repeat(32), '%C3%B1'.repeat(32)])
      assert.equal(readPairs(`${name}=1`).size, 1);
    for (const name of ['n'.repeat(65), `${'ñ'.repeat(32)}n`, '漢'.repeat(22), '😀'.repeat(17)]) {
      assertRefused(() => readPairs(`${name}=1`), 'a parameter name of more than 64 bytes');
    }
  });

  it('are 1,024 bytes for a value', () => {
    for (const value of ['v'.repeat(1024), 'ñ'.repeat(512), '+'.repeat(1024), '%20'.repeat(1024)]) {
      assert.equal(readPairs(`x=${value}`).size, 1);
    }
    for (const value of ['v'.repeat(1025), 'ñ'.repeat(513), '😀'.repeat(257)]) {
      assertRefused(() => readPairs(`x=${value}`), 'a parameter value of more than 1024 bytes');
    }
  });
});
