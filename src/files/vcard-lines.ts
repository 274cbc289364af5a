import { TextDecoder } from 'node:util';

/** One property of a vCard, its value still as it is written. */
export interface VcardLine {
  /** Of the properties that belong together: `item1.TEL` and `item1.X-ABLabel`. Lower case; empty: none. */
  readonly group: string;
  /** Upper case. */
  readonly name: string;
  /** In upper case: the values of TYPE and the bare words of vCard 2.1, but PREF. */
  readonly types: readonly string[];
  readonly isPreferred: boolean;
  /** Of an export of our own: which column of it the value is. */
  readonly column: string | undefined;
  /** With its charset and QUOTED-PRINTABLE undone, its escapes not. */
  readonly value: string;
}

/** The parameter by which our own export says which column a value is. */
export const COLUMN_PARAMETER = 'X-CALLERCARD';

/** Splits a property: `item1.TEL;TYPE=CELL;PREF=1:+52 33…` (RFC 6350, 2426; vCard 2.1). @returns undefined: it is none */
export function readVcardLine(line: string): VcardLine | undefined {
  const colon = endOfParameters(line);
  if (colon < 0) return undefined;
  const [full = '', ...parameters] = splitOutsideQuotes(line.slice(0, colon), ';');
  const dot = full.indexOf('.');
  const name = full
    .slice(dot + 1)
    .trim()
    .toUpperCase();
  if (!/^[A-Z0-9-]+$/.test(name)) return undefined;
  const { types, isPreferred, isQuotedPrintable, isBinary, charset, column } = readParameters(parameters);
  const raw = line.slice(colon + 1);
  const value = isBinary ? '' : isQuotedPrintable ? decodeQuotedPrintable(raw, charset) : raw;
  const group = dot < 0 ? '' : full.slice(0, dot).trim().toLowerCase();
  return { group, name, types, isPreferred, column, value };
}

/** `TYPE=home`, or as in vCard 2.1 `HOME` alone. */
function readParameters(parameters: readonly string[]) {
  const found = parameters.map((parameter) => {
    const equals = parameter.indexOf('=');
    const key = equals < 0 ? '' : parameter.slice(0, equals).trim().toUpperCase();
    const text = parameter
      .slice(equals + 1)
      .replaceAll('"', '')
      .trim();
    return {
      key,
      text,
      words: text
        .toUpperCase()
        .split(',')
        .map((word) => word.trim()),
    };
  });
  const wordsOf = (...keys: readonly string[]) =>
    found.flatMap(({ key, words }) => (keys.includes(key) ? words : []));
  const types = wordsOf('TYPE', '');
  const encodings = wordsOf('ENCODING', '');
  return {
    types: types.filter((word) => !['PREF', 'QUOTED-PRINTABLE', ''].includes(word)),
    isPreferred: types.includes('PREF') || found.some(({ key }) => key === 'PREF'),
    isQuotedPrintable: encodings.includes('QUOTED-PRINTABLE'),
    isBinary: encodings.includes('BASE64') || wordsOf('ENCODING').includes('B'),
    column: found.find(({ key }) => key === COLUMN_PARAMETER)?.text,
    charset: found.find(({ key }) => key === 'CHARSET')?.text ?? 'utf-8',
  };
}

/** Whether a `=` at the end of a line of this property is a soft line break, as vCard 2.1 writes it. */
export function hasSoftBreaks(property: string): boolean {
  return /^[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE[;:]/i.test(property);
}

/** Splits a structured value at signs that no backslash escapes. */
export function splitEscaped(value: string, sign: ';' | ','): readonly string[] {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (character === sign) {
      parts.push(part);
      part = '';
    } else part += character === '\\' ? character + value.charAt(++at) : character;
  }
  parts.push(part);
  return parts;
}

/** A value without its escapes, and without spaces around. */
export function unescapeText(value: string): string {
  return unescapeExactly(value).trim();
}

/** A value without its escapes. */
export function unescapeExactly(value: string): string {
  return value.replace(/\\([^])/g, (_, sign: string) => (sign === 'n' || sign === 'N' ? '\n' : sign));
}

function endOfParameters(line: string): number {
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === '"') isQuoted = !isQuoted;
    else if (character === ':' && !isQuoted) return at;
  }
  return line.indexOf(':');
}

function splitOutsideQuotes(text: string, sign: string): readonly string[] {
  return text.match(new RegExp(`(?:[^"${sign}]|"[^"]*"?)+`, 'g')) ?? [text];
}

function decodeQuotedPrintable(text: string, charset: string): string {
  const bytes: number[] = [];
  const source = Buffer.from(text.replace(/=\r?\n/g, ''), 'utf8');
  for (let at = 0; at < source.length; at++) {
    const hex =
      source[at] === 0x3d ? /^[0-9a-f]{2}$/i.exec(source.toString('latin1', at + 1, at + 3))?.[0] : undefined;
    if (hex !== undefined) at += 2;
    bytes.push(hex === undefined ? (source[at] ?? 0) : Number.parseInt(hex, 16));
  }
  return decoderFor(charset).decode(Uint8Array.from(bytes));
}

function decoderFor(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    // An unknown name of a charset; most are UTF-8 all the same.
    return new TextDecoder('utf-8');
  }
}
