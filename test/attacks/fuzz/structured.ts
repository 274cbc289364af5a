import type { SeededRandom } from '../../support/seeded-random.ts';
import {
  ACTIONS,
  FORMATS,
  HEADERS,
  KNOWN_NAMES,
  METHODS,
  NASTY_NAMES,
  NASTY_VALUES,
  OTHER_APIS,
  OTHER_NAMES,
  OTHER_VALUES,
  PATH,
  TARGETS,
} from './dictionary.ts';
import type { FuzzCase } from './fuzz-case.ts';
import {
  chunksOf,
  couldLogIn,
  formOf,
  FUZZ_LEADS,
  FUZZ_USERS,
  fuzzPhone,
  fuzzUser,
  goodLookup,
  type Pairs,
  WRITER,
} from './good-request.ts';
import { PASSWORD } from '../../service/lookup-fixture.ts';

/** One whole request, well-formed as HTTP goes, with whatever in it. */
export function wrapStructured(random: SeededRandom): FuzzCase {
  const { pairs: good, leadId } = goodLookup(random);
  const isGood = random.chance(1 / 6);
  const pairs = isGood ? good : spoil(random, good);
  const method = isGood || !random.chance(1 / 8) ? random.pick(['GET', 'POST']) : random.pick(METHODS);
  const target = isGood || !random.chance(1 / 6) ? PATH : random.pick(TARGETS);
  const headers =
    isGood || !random.chance(1 / 3)
      ? []
      : Array.from({ length: 1 + random.below(3) }, () => random.pick(HEADERS));
  // These change where the request ends: that is for the raw bytes.
  const kept = headers.filter(
    (line) => !/^(?:content-length|transfer-encoding|expect|upgrade|connection|\s)/i.test(line),
  );
  const written =
    method === 'POST'
      ? writePost(random, target, pairs, kept, isGood)
      : writeGet(random, method, target, pairs, kept, isGood);
  return {
    words: isGood ? `good ${method}` : `${method} ${target.slice(0, 60)}`,
    pieces: random.chance(1 / 4) ? random.cut(written, 4) : [written],
    found: isGood ? [leadId] : [],
    mayFind: couldLogIn(pairs),
    isWhole: method !== 'CONNECT',
  };
}

/** One whole request to another of the dialer's APIs: by somebody who may, mostly, and with whatever in it. */
export function wrapOtherApi(random: SeededRandom): FuzzCase {
  const { path, names, actions } = random.pick(OTHER_APIS);
  const [actionName, userName, passwordName] = names;
  const leadId = 1 + random.below(FUZZ_LEADS);
  const user = random.chance(1 / 2) ? WRITER : fuzzUser(random.below(FUZZ_USERS));
  const values = [...OTHER_VALUES, ...NASTY_VALUES, String(leadId), fuzzPhone(leadId)];
  const more = Array.from(
    { length: random.below(8) },
    () => [random.pick([...OTHER_NAMES, ...KNOWN_NAMES]), random.pick(values)] as const,
  );
  const pairs: Pairs = [
    [actionName, random.pick(actions)],
    ['responsetype', random.pick(FORMATS)],
    ['lead_id', String(leadId)],
    ['phone_number', random.chance(1 / 2) ? fuzzPhone(leadId) : random.pick(NASTY_VALUES)],
    ...more,
    [userName, user],
    [passwordName, random.chance(1 / 16) ? random.pick(NASTY_VALUES) : PASSWORD],
  ];
  const method = random.pick(['GET', 'POST']);
  const written =
    method === 'POST'
      ? writePost(random, path, pairs, [], false)
      : writeGet(random, method, path, pairs, [], false);
  return { words: `${method} ${path}`, pieces: [written], found: [], mayFind: true, isWhole: true };
}

/** Changes, repeats, removes and adds parameters. */
function spoil(random: SeededRandom, good: Pairs): Pairs {
  let pairs = [...good];
  for (let left = 1 + random.below(3); left > 0; left -= 1) {
    const at = random.below(pairs.length + 1);
    const [name = random.pick(KNOWN_NAMES), value = ''] = pairs[at] ?? [];
    switch (random.below(8)) {
      case 0:
      case 1:
        pairs[at] = [name, nastyValue(random, name)];
        break;
      case 2:
        pairs[at] = [name, value + random.pick(NASTY_VALUES)];
        break;
      case 3:
        pairs[at] = [random.pick(NASTY_NAMES), value];
        break;
      case 4:
        pairs = pairs.toSpliced(at, 1);
        break;
      case 5:
        pairs.push([random.pick([...NASTY_NAMES, ...KNOWN_NAMES]), random.pick(NASTY_VALUES)]);
        break;
      case 6:
        pairs.push([random.pick(KNOWN_NAMES), nastyValue(random, name)]);
        break;
      default:
        if (random.chance(1 / 4))
          for (let count = 90 + random.below(20); count > 0; count -= 1) pairs.push([`p${count}`, '']);
        else pairs.push([name, value]);
    }
  }
  return pairs;
}

function nastyValue(random: SeededRandom, name: string): string {
  if (name === 'goAction' && random.chance(1 / 2)) return random.pick(ACTIONS);
  if (name === 'responsetype' && random.chance(1 / 2)) return random.pick(FORMATS);
  // Unknown names cost a hash of full size, so they are few.
  if (name === 'goUser')
    return random.chance(1 / 4) ? `guess${random.below(1_000)}` : random.pick(NASTY_VALUES);
  return random.pick(NASTY_VALUES);
}

function writeGet(
  random: SeededRandom,
  method: string,
  target: string,
  pairs: Pairs,
  headers: readonly string[],
  isGood: boolean,
): Buffer {
  const query = isGood ? formOf(pairs) : encodeOddly(random, pairs);
  return Buffer.from(`${method} ${target}?${query} HTTP/1.1\r\n${headLines(headers)}\r\n\r\n`, 'latin1');
}

function headLines(headers: readonly string[]): string {
  const isHostSent = headers.some((line) => line.startsWith('Host'));
  return [...(isHostSent ? [] : ['Host: localhost']), ...headers, 'Connection: close'].join('\r\n');
}

/** As clients write queries and forms, good ones and others. */
function encodeOddly(random: SeededRandom, pairs: Pairs): string {
  const way = random.below(8);
  const one = (text: string) => {
    const usual = encodeURIComponent(text.toWellFormed());
    if (way < 4) return usual;
    if (way === 4) return usual.replace(/%20/g, '+').toLowerCase();
    if (way === 5) return encodeURIComponent(usual);
    if (way === 6)
      return [...Buffer.from(text, 'latin1')]
        .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
        .join('');
    return usual + random.pick(['%', '%0', '%zz', '%u0041', '%c0%80', '%ed%a0%80', '%ff', '%00']);
  };
  const text = pairs.map(([name, value]) => `${one(name)}=${one(value)}`);
  return text.join(random.chance(1 / 8) ? random.pick(['&&', ';', '&=&', '&amp;']) : '&');
}

const FORM = 'application/x-www-form-urlencoded';

function writePost(
  random: SeededRandom,
  target: string,
  pairs: Pairs,
  headers: readonly string[],
  isGood: boolean,
): Buffer {
  // Some of it in the query, the rest in the body.
  const split = random.chance(1 / 4) ? random.below(pairs.length + 1) : 0;
  const query =
    split === 0
      ? ''
      : `?${isGood ? formOf(pairs.slice(0, split)) : encodeOddly(random, pairs.slice(0, split))}`;
  const { type, body } = bodyOf(random, pairs.slice(split), isGood);
  const types =
    headers.some((line) => /^content-type/i.test(line)) && !isGood ? [] : [`Content-Type: ${type}`];
  const length = random.chance(1 / 4)
    ? { line: 'Transfer-Encoding: chunked', text: chunksOf(random, body) }
    : { line: `Content-Length: ${Buffer.byteLength(body, 'latin1')}`, text: body };
  const lines = headLines([...headers, ...types, length.line]);
  return Buffer.from(`POST ${target}${query} HTTP/1.1\r\n${lines}\r\n\r\n${length.text}`, 'latin1');
}

/** A body as latin-1 text, each letter a byte. */
function bodyOf(
  random: SeededRandom,
  pairs: Pairs,
  isGood: boolean,
): { readonly type: string; readonly body: string } {
  const asBytes = (text: string) => Buffer.from(text).toString('latin1');
  switch (random.below(isGood ? 3 : 6)) {
    case 0:
      return { type: FORM, body: isGood ? formOf(pairs) : encodeOddly(random, pairs) };
    case 1:
      return {
        type: 'application/json',
        body: asBytes(isGood ? JSON.stringify(Object.fromEntries(pairs)) : jsonOf(random, pairs)),
      };
    case 2:
      return multipartOf(random, pairs, isGood);
    case 3:
      return {
        type: random.pick(['text/plain', 'application/xml', '', `${FORM}; charset=latin1`]),
        body: formOf(pairs),
      };
    case 4:
      return {
        type: random.pick([FORM, 'application/json', 'multipart/form-data; boundary=limit']),
        body: random.bytes(random.below(200)).toString('latin1'),
      };
    default:
      return {
        type: random.pick([FORM, 'application/json']),
        body: 'a'.repeat(random.pick([65_536, 65_537, 70_000])),
      };
  }
}

function jsonOf(random: SeededRandom, pairs: Pairs): string {
  const odd = [
    '0',
    '1e400',
    '-0',
    'null',
    'true',
    '[]',
    '{}',
    '["x"]',
    '{"a":1}',
    '"\\ud800"',
    `${'['.repeat(500)}${']'.repeat(500)}`,
  ];
  const value = (text: string) => (random.chance(1 / 4) ? random.pick(odd) : JSON.stringify(text));
  const body = `{${pairs.map(([name, text]) => `${JSON.stringify(name)}:${value(text)}`).join(',')}}`;
  if (!random.chance(1 / 4)) return body;
  return random.pick([
    body.slice(0, random.below(body.length + 1)),
    `\ufeff${body}`,
    `[${body}]`,
    `${body}${body}`,
    `${body},`,
    'null',
    '"x"',
    '7',
    '',
  ]);
}

function multipartOf(
  random: SeededRandom,
  pairs: Pairs,
  isGood: boolean,
): { readonly type: string; readonly body: string } {
  const newline = isGood || !random.chance(1 / 10) ? '\r\n' : '\n';
  const part = ([name, value]: readonly [string, string]) => {
    const file =
      !isGood && random.chance(1 / 8)
        ? random.pick(['; filename="../../x.php"', '; filename=', "; filename*=utf-8''x"])
        : '';
    const more =
      !isGood && random.chance(1 / 8)
        ? random.pick([
            'Content-Type: text/plain; charset=utf-16',
            'Content-Transfer-Encoding: base64',
            'X: y',
            ':',
          ])
        : '';
    const quoted = isGood ? name : name.replaceAll('"', random.pick(['"', '\\"', '%22']));
    return [
      '--limit',
      `Content-Disposition: form-data; name="${quoted}"${file}`,
      ...(more === '' ? [] : [more]),
      '',
      value,
      '',
    ].join(newline);
  };
  const end =
    isGood || !random.chance(1 / 6)
      ? `--limit--${newline}`
      : random.pick(['', '--limit', '--limit-', '--other--\r\n']);
  const boundary =
    isGood || !random.chance(1 / 8)
      ? 'limit'
      : random.pick(['other', '"limit"', '', 'l'.repeat(100), 'limit; boundary=other']);
  const text = pairs.map(part).join('') + end;
  return { type: `multipart/form-data; boundary=${boundary}`, body: Buffer.from(text).toString('latin1') };
}
