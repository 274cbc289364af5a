import type { SeededRandom } from '../../support/seeded-random.ts';
import { HEADERS, PATH } from './dictionary.ts';
import type { FuzzCase } from './fuzz-case.ts';
import { goodRequest } from './good-request.ts';

const CRLF = Buffer.from('\r\n');

/** Good requests on one connection, of which one is spoiled in its bytes. */
export function wrapRaw(random: SeededRandom): FuzzCase {
  const requests = Array.from({ length: 1 + random.below(5) }, () => goodRequest(random));
  const at = random.below(requests.length + 1);
  const [words, spoil] = random.pick(SPOILS);
  const bytes = requests.map((request, index) =>
    index === at ? spoil(random, request.bytes) : request.bytes,
  );
  const whole = Buffer.concat(bytes);
  const leads = requests.map(({ leadId }) => leadId);
  return {
    words:
      at === requests.length ? `${requests.length} in a row` : `${words}, ${at + 1} of ${requests.length}`,
    pieces: random.chance(1 / 2) ? [whole] : random.cut(whole, 6),
    found: leads.slice(0, at),
    // What is spoiled may still be right.
    mayFind: true,
    isWhole: false,
  };
}

/** More good requests at once than one connection may bring, or nearly. */
export function wrapBurst(random: SeededRandom): FuzzCase {
  const requests = Array.from({ length: random.pick([200, 300, 1_000]) }, () => goodRequest(random));
  return {
    words: `${requests.length} at once`,
    pieces: [Buffer.concat(requests.map(({ bytes }) => bytes))],
    found: requests.map(({ leadId }) => leadId),
    mayFind: false,
    isWhole: false,
    isTooMuch: true,
  };
}

type Spoil = (random: SeededRandom, request: Buffer) => Buffer;

function addHeader(request: Buffer, line: string): Buffer {
  const at = request.indexOf('\r\n') + CRLF.length;
  return Buffer.concat([request.subarray(0, at), Buffer.from(`${line}\r\n`, 'latin1'), request.subarray(at)]);
}

function replace(request: Buffer, from: RegExp, to: string): Buffer {
  return Buffer.from(request.toString('latin1').replace(from, to), 'latin1');
}

/** Two ends of a stretch within the bytes. */
function stretch(random: SeededRandom, { length }: Buffer): readonly [number, number] {
  const start = random.below(length);
  return [start, Math.min(length, start + 1 + random.below(40))];
}

const SPOILS: readonly (readonly [words: string, spoil: Spoil])[] = [
  [
    'a length beside chunks',
    (random, request) =>
      addHeader(addHeader(request, `Content-Length: ${random.below(60)}`), 'Transfer-Encoding: chunked'),
  ],
  [
    'two lengths',
    (random, request) =>
      addHeader(
        addHeader(request, `Content-Length: ${random.below(60)}`),
        `Content-Length: ${random.below(60)}`,
      ),
  ],
  [
    'another length',
    (random, request) => replace(request, /Content-Length: \d+/, `Content-Length: ${random.below(400)}`),
  ],
  ['bare line feeds', (_, request) => replace(request, /\r\n/g, '\n')],
  ['one bare line feed', (_, request) => replace(request, /\r\n/, '\n')],
  ['bare carriage returns', (_, request) => replace(request, /\r\n/g, '\r')],
  ['a folded header', (_, request) => addHeader(request, 'X-A: b\r\n c')],
  ['an absolute target', (_, request) => replace(request, / \//, ' http://localhost/')],
  ['no version', (_, request) => replace(request, / HTTP\/1\.1/, '')],
  [
    'another version',
    (random, request) =>
      replace(
        request,
        /HTTP\/1\.1/,
        random.pick(['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.', 'http/1.1', 'HTTP/11']),
      ),
  ],
  ['an odd header', (random, request) => addHeader(request, random.pick(HEADERS))],
  [
    'many headers',
    (random, request) =>
      addHeader(
        request,
        Array.from({ length: random.pick([50, 2_500]) }, (_, at) => `X-${at}: y`).join('\r\n'),
      ),
  ],
  [
    'another size of a chunk',
    (random, request) =>
      replace(
        request,
        /\r\n\r\n[0-9a-f]+\r\n/,
        `\r\n\r\n${random.pick(['-1', '0x5', 'fffffffffffffffff', '5 ', '5;a="\r\n"', ' 5', '', 'g'])}\r\n`,
      ),
  ],
  ['no end of the chunks', (_, request) => replace(request, /0\r\n\r\n$/, '')],
  [
    'a trailer',
    (_, request) => replace(request, /0\r\n\r\n$/, '0\r\nHost: other.example\r\nContent-Length: 5\r\n\r\n'),
  ],
  [
    'a request in the body',
    (_, request) => {
      const inner = `GET ${PATH}?goAction=goGetCustomerInfo HTTP/1.1\r\nHost: localhost\r\n\r\n`;
      return Buffer.from(
        `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${inner.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}${request.toString('latin1')}`,
        'latin1',
      );
    },
  ],
  [
    'a byte that is another',
    (random, request) => {
      const other = Buffer.from(request);
      for (let left = 1 + random.below(4); left > 0; left -= 1)
        other[random.below(other.length)] = random.below(256);
      return other;
    },
  ],
  [
    'a stretch that is gone',
    (random, request) => {
      const [start, end] = stretch(random, request);
      return Buffer.concat([request.subarray(0, start), request.subarray(end)]);
    },
  ],
  [
    'a stretch twice',
    (random, request) => {
      const [start, end] = stretch(random, request);
      return Buffer.concat([request.subarray(0, end), request.subarray(start)]);
    },
  ],
  [
    'bytes between',
    (random, request) => {
      const [start] = stretch(random, request);
      return Buffer.concat([
        request.subarray(0, start),
        random.bytes(1 + random.below(30)),
        request.subarray(start),
      ]);
    },
  ],
  ['cut off', (random, request) => request.subarray(0, random.below(request.length))],
  ['noise', (random) => random.bytes(1 + random.below(300))],
  [
    'line ends before it',
    (random, request) => Buffer.concat([Buffer.from('\r\n'.repeat(1 + random.below(4))), request]),
  ],
  [
    'TLS',
    (random) =>
      Buffer.concat([
        Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
        random.bytes(40),
      ]),
  ],
  ['HTTP/2', () => Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0', 'latin1')],
];
