import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { readWholeRequest } from '../../src/http/whole-request.ts';

const GET = 'GET /a?b=1 HTTP/1.1\r\nHost: localhost\r\n\r\n';
const post = (headers: string, body: string) =>
  `POST /a HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n${body}`;
const targetIn = (text: string) => readWholeRequest(Buffer.from(text, 'latin1'));

describe('one whole request', () => {
  it('is a GET up to its empty line, or a POST with a body of its length', () => {
    assert.equal(targetIn(GET), '/a?b=1');
    assert.equal(targetIn(GET.replace('Host', 'Connection: keep-alive\r\nHost')), '/a?b=1');
    assert.equal(targetIn(post('Content-Length: 3\r\n', 'a=1')), '/a');
    assert.equal(targetIn(post('content-length:  3\r\nCONNECTION: Keep-Alive\r\n', 'a=1')), '/a');
    assert.equal(targetIn(post('Content-Length: 0\r\n', '')), '/a');
  });

  const others: Readonly<Record<string, string>> = {
    'the first part of one': GET.slice(0, -2),
    'more than one': GET + GET,
    'one and the beginning of another': `${GET}G`,
    'a body that is shorter than said': post('Content-Length: 4\r\n', 'a=1'),
    'a body that is longer than said': post('Content-Length: 2\r\n', 'a=1'),
    'two lengths': post('Content-Length: 3\r\nContent-Length: 3\r\n', 'a=1'),
    'a length that is none': post('Content-Length: 3, 3\r\n', 'a=1'),
    'a length with a sign': post('Content-Length: +3\r\n', 'a=1'),
    'a length behind a bare line feed': post('X: 1\nContent-Length: 9\r\nContent-Length: 3\r\n', 'a=1'),
    'a bare line feed': GET.replace('\r\n\r\n', '\nX: 1\r\n\r\n'),
    'a bare carriage return': GET.replace('\r\n\r\n', '\r\nX: 1\rContent-Length: 9\r\n\r\n'),
    'a continued line': GET.replace('\r\n\r\n', '\r\nX: 1\r\n Content-Length: 9\r\n\r\n'),
    'a body in chunks': post('Transfer-Encoding: chunked\r\n', '3\r\na=1\r\n0\r\n\r\n'),
    'chunks and a length': post('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', 'a=1'),
    'a length whose name ends with a space': GET.replace('\r\n\r\n', '\r\nContent-Length : 9\r\n\r\n'),
    'a length whose name has a control character': GET.replace('\r\n\r\n', '\r\nContent-Length\v: 9\r\n\r\n'),
    'a line without a name': GET.replace('\r\n\r\n', '\r\nnothing\r\n\r\n'),
    'a POST without a length': post('', ''),
    'a GET with a body': GET.replace('\r\n\r\n', '\r\nContent-Length: 1\r\n\r\nx'),
    'the last of a connection': GET.replace('Host', 'Connection: close\r\nHost'),
    'a change of protocol': GET.replace('Host', 'Connection: upgrade\r\nUpgrade: websocket\r\nHost'),
    'a body that waits': post('Expect: 100-continue\r\nContent-Length: 0\r\n', ''),
    'HTTP/1.0': GET.replace('HTTP/1.1', 'HTTP/1.0'),
    'another method': GET.replace('GET', 'HEAD'),
    'an absolute target': GET.replace('/a', 'http://localhost/a'),
    'a long one': GET.replace('b=1', 'b'.repeat(5_000)),
    'no HTTP': 'hello\r\n\r\n',
  };
  for (const [what, text] of Object.entries(others)) {
    it(`21: is not ${what}: that is for the parser`, () => {
      assert.equal(targetIn(text), undefined);
    });
  }
});
