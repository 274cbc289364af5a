import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { maskPassword, parseDatabase, parsePostgresql } from '../../src/config/addresses.ts';

describe('the address of a store in PostgreSQL', () => {
  it('names one server or several, a database, and a schema', () => {
    const account = { user: 'ana', password: 'p@s/s?x=1', database: 'calls' };
    for (const [text, servers, schema] of [
      ['postgres://ana:p%40s/s?x=1@db/calls', [{ host: 'db', port: 5432 }], 'callercard'],
      ['postgresql://ana:p@s/s?x=1@db:5433/calls?schema=acme', [{ host: 'db', port: 5433 }], 'acme'],
      [
        'postgres://ana:p@s/s?x=1@10.0.0.1,[::1]:6432/calls?schema=a_1',
        [
          { host: '10.0.0.1', port: 5432 },
          { host: '::1', port: 6432 },
        ],
        'a_1',
      ],
    ] as const) {
      assert.deepEqual(
        parsePostgresql(text),
        { value: { engine: 'postgresql', ...account, servers, schema, tls: undefined } },
        text,
      );
      assert.ok(!maskPassword(text).includes('p@s'), text);
    }
  });

  it('may say how it is encrypted, as addresses of PostgreSQL do', () => {
    for (const [mode, tls] of [
      ['disable', 'off'],
      ['require', 'unchecked'],
      ['verify-full', 'on'],
    ] as const) {
      const parsed = parseDatabase(`postgres://ana:secret@db/calls?sslmode=${mode}&schema=a`);
      assert.ok('value' in parsed && parsed.value.engine === 'postgresql');
      assert.equal(parsed.value.tls, tls);
      assert.equal(parsed.value.schema, 'a');
    }
  });

  it('is refused with a reason where it is none', () => {
    for (const [text, fault] of [
      ['postgres://db/calls', /names no user/],
      ['postgres://ana@db', /must end in the database's name, as in postgres:/],
      ['postgres://ana@db:0/calls', /a host that is none/],
      ['postgres://ana@db,db/calls', /twice/],
      ['postgres://ana@db/calls?sslmode=prefer', /sslmode that is none here \("prefer"\): disable, require/],
      ['postgres://ana@db/calls?target=any', /"target" behind its \?; only schema=NAME and sslmode=MODE/],
      ['postgres://ana@db/calls?schema=a&schema=b', /schema twice/],
      ['postgres://ana@db/calls?schema=pg_x', /PostgreSQL's own/],
      ['postgres://ana@db/calls?schema=A b', /a schema that is none \("A b"\)/],
      ['postgres://ana@db/calls?schema=1;drop', /a schema that is none/],
    ] as const) {
      const parsed = parsePostgresql(text);
      assert.match('fault' in parsed ? parsed.fault : JSON.stringify(parsed), fault, text);
    }
  });
});
