import { PASSWORD } from '../access/lookup-desk.ts';
import { Random } from './random.ts';
import { HEADER_LINES, METHODS, NAMES, NASTY, PATHS, TYPES } from './words.ts';

/** What one connection sends. */
export interface FuzzCase {
  readonly bytes: Buffer;
  /** Where the bytes are cut into several writes. */
  readonly cuts: readonly number[];
  /** The lead ids of the answers, in their order, where all is well-formed; undefined: whatever is right. */
  readonly expected: readonly number[] | undefined;
}

/** The leads that a good request asks for: 1 to LEADS. */
export const LEADS = 250;

/** @param seed with the number it decides everything */
export function makeCase(seed: number, number: number): FuzzCase {
  const random = new Random(seed, number);
  const kind = random.next();
  if (kind < 0.2) return goodCase(random);
  const requests = 1 + random.below(4);
  const text = Array.from({ length: requests }, () => requestText(random)).join('');
  const bytes = Buffer.from(text, 'latin1');
  return {
    bytes: kind < 0.55 ? bytes : mutate(random, bytes),
    cuts: cutsOf(random, text.length),
    expected: undefined,
  };
}

/** Good requests, many at once, however they are cut: right answers in order. */
function goodCase(random: Random): FuzzCase {
  const expected = Array.from({ length: 1 + random.below(12) }, () => 1 + random.below(LEADS));
  const text = expected.map((leadId) => goodRequest(random, leadId)).join('');
  return { bytes: Buffer.from(text, 'latin1'), cuts: cutsOf(random, text.length), expected };
}

function goodRequest(random: Random, leadId: number): string {
  const parameters = new URLSearchParams({
    goUser: 'steady',
    goPass: PASSWORD,
    goAction: 'goGetCustomerInfo',
    responsetype: random.pick(['json', 'xml']),
    lead_id: String(leadId),
  }).toString();
  const path = '/goAPIv2/goAgent/goAPI.php';
  if (random.chance(0.5)) return `GET ${path}?${parameters} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n`;
  if (random.chance(0.5)) return `${head}Content-Length: ${parameters.length}\r\n\r\n${parameters}`;
  return `${head}Transfer-Encoding: chunked\r\n\r\n${chunksOf(random, parameters)}`;
}

function chunksOf(random: Random, text: string): string {
  const at = random.below(text.length);
  const parts = [text.slice(0, at), text.slice(at)].filter((part) => part !== '');
  return `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;
}

function requestText(random: Random): string {
  const method = random.pick(METHODS);
  const query = random.chance(0.8) ? `?${pairs(random)}` : '';
  // A target has no spaces, controls or bytes beyond ASCII; what is left of them is for the mutations.
  const target = (random.pick(PATHS) + query).replace(/[^!-~]/g, (unit) =>
    encodeURIComponent(unit.toWellFormed()),
  );
  const body = random.chance(0.5) ? bodyText(random) : '';
  const lines = [
    `${method} ${target} HTTP/${random.pick(['1.1', '1.1', '1.1', '1.1', '1.0', '0.9', '2.0'])}`,
    ...(random.chance(0.95) ? ['Host: localhost'] : []),
    ...(body === '' && random.chance(0.7) ? [] : [`Content-Length: ${byteLength(body)}`]),
    ...(random.chance(0.7) ? [`Content-Type: ${random.pick(TYPES)}`] : []),
    ...(random.chance(0.3) ? random.times(3, () => random.pick(HEADER_LINES)) : []),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${Buffer.from(body).toString('latin1')}`;
}

function pairs(random: Random): string {
  const known: Readonly<Record<string, string>> = {
    goUser: 'crm',
    goPass: PASSWORD,
    goAction: 'goGetCustomerInfo',
    responsetype: random.pick(['json', 'xml']),
    lead_id: String(1 + random.below(LEADS)),
  };
  const kept = Object.entries(known).filter(() => random.chance(0.8));
  const others = random.times(
    random.chance(0.02) ? 110 : 3,
    () => [random.pick(NAMES), random.pick(NASTY)] as const,
  );
  return [...kept, ...others]
    .map(([name, value]) => `${escapeSome(random, name)}=${escapeSome(random, value)}`)
    .join(random.pick(['&', '&', '&', '&&', ';']));
}

/** As it should be, or as it is: words with a percent sign are meant to be broken. */
function escapeSome(random: Random, text: string): string {
  return random.chance(0.7) ? encodeURIComponent(text.toWellFormed()) : text;
}

function bodyText(random: Random): string {
  const kind = random.below(5);
  if (kind === 0)
    return JSON.stringify(Object.fromEntries(random.times(4, () => [random.pick(NAMES), jsonValue(random)])));
  if (kind === 1)
    return random.pick(['{', '[]', 'null', '"x"', '{"goUser":', '{"__proto__":{"a":1}}', '[[[[[[', '1e999']);
  if (kind === 2) {
    const parts = random.times(
      3,
      () =>
        `--x\r\nContent-Disposition: form-data; name="${random.pick(NAMES)}"\r\n\r\n${random.pick(NASTY)}\r\n`,
    );
    return (
      parts.join('') +
      random.pick([
        '--x--\r\n',
        '--x',
        '',
        '--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nfile',
      ])
    );
  }
  if (kind === 3) return random.pick(['y'.repeat(65_537), '\ufeff{}', '\u0000'.repeat(9)]);
  return pairs(random);
}

function jsonValue(random: Random): unknown {
  return random.pick<unknown>([
    random.pick(NASTY),
    0,
    false,
    null,
    [],
    {},
    ['a'],
    { a: 1 },
    1.5,
    2 ** 60,
    true,
  ]);
}

/** Some bytes are changed, doubled, taken out or put elsewhere. */
function mutate(random: Random, original: Buffer): Buffer {
  let bytes = original;
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    const at = random.below(bytes.length + 1);
    const to = Math.min(bytes.length, at + 1 + random.below(12));
    const [before, between, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
    bytes = Buffer.concat(
      random.pick([
        [before, Buffer.from([random.below(256)]), after],
        [before, after],
        [before, between, between, after],
        [
          before,
          Buffer.from(random.pick(['\n', '\r', '\r\n', '\r\n\r\n', '\0', ' ', '\t', ':', '0\r\n\r\n'])),
          bytes.subarray(at),
        ],
        [before, Buffer.from(`\r\n${random.pick(HEADER_LINES)}\r\n`, 'latin1'), bytes.subarray(at)],
        [before],
      ]),
    );
  }
  return bytes;
}

function cutsOf(random: Random, length: number): readonly number[] {
  return random.chance(0.6)
    ? []
    : random.times(4, () => random.below(length + 1)).sort((one, other) => one - other);
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
