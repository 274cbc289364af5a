import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { readHostName } from '../../src/config/addresses.ts';

describe('a host', () => {
  const spellings: Readonly<Record<string, readonly string[]>> = {
    'acme.example.net': [
      'acme.example.net',
      'ACME.Example.NET',
      'acme.example.net.',
      'acme.example.net:80',
      'acme.example.net:',
      'Acme.example.net.:65535',
    ],
    localhost: ['localhost', 'localhost:8080', 'LOCALHOST.'],
    '127.0.0.1': ['127.0.0.1', '127.0.0.1:8080'],
    '[::1]': ['[::1]', '[::1]:8080', '[0:0:0:0:0:0:0:1]', '[0000::0001]:1'],
    '[2001:db8::a]': ['[2001:DB8::A]', '[2001:0db8:0:0::000a]:443'],
    'xn--caf-dma.example': ['xn--caf-dma.example'],
    'under_score.example': ['under_score.example'],
  };
  for (const [name, ways] of Object.entries(spellings)) {
    it(`${name} is one in all its spellings`, () => {
      for (const way of ways) assert.equal(readHostName(way), name, way);
    });
  }

  it('is not what has user information, spaces, a bad port, an empty label or anything else', () => {
    const bad = [
      '',
      '.',
      ':80',
      'acme..example.net',
      '.acme.example.net',
      'acme.example.net..',
      'me@acme.example.net',
      'me:pw@acme.example.net',
      'acme .example.net',
      ' acme.example.net',
      'acme.example.net ',
      'acme.example.net:http',
      'acme.example.net:80:80',
      'acme.example.net:65536',
      'acme.example.net:-1',
      'acme.example.net:123456',
      'acme.example.net, other.example',
      'acme.example.net/path',
      'acme.example.net?a',
      'acme.example.net#a',
      'acme\\example.net',
      'http://acme.example.net',
      '-acme.example.net',
      'acme-.example.net',
      'ácme.example.net',
      'acme%2eexample.net',
      'acme\u0000.example.net',
      'acme\t.example.net',
      '::1',
      '[::1',
      '::1]',
      '[]',
      '[::1%25eth0]',
      '[::1].',
      '[::1]x',
      '[1.2.3.4]',
      '[acme]',
      '*.example.net',
      `${'a'.repeat(64)}.example.net`,
      `${'a.'.repeat(126)}aa`,
    ];
    for (const text of bad) assert.equal(readHostName(text), undefined, JSON.stringify(text));
  });
});
