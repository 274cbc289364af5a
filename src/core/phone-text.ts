import type { Parsed } from './problem.ts';

/** A text that holds one telephone number and nothing else, taken apart. */
export interface PhoneText {
  /** The digits alone, 0 to 9. */
  readonly digits: string;
  /**
   * `plus`: the text says that the country's code comes first. `perhaps`: a channel gives its numbers so, or a `+` may have
   * been lost on the way.
   */
  readonly country: 'plus' | 'perhaps' | 'as dialled';
  /** What is dialled once the call is through. */
  readonly extension?: string;
  /** The digits without a zero in brackets (`+44 (0)20 …`), which is not dialled behind the country's code. */
  readonly withoutZero?: string;
}

/** Digits in groups: most numbers that are not bare digits. A point may be a spreadsheet's. */
const GROUPED = /^\+?[\d ()/-]+$/;
const NO_DIGIT = /\D+/g;

/** A number with a label, a host or an extension is not longer. */
const LONGEST = 100;

/** What people and address books put between digits; the last group are invisible marks that come with a paste. */
const FORMATTING =
  /[ .()/\-\t\u00a0\u2007\u2009\u202f\u2010-\u2015\u200e\u200f\u202a-\u202c\u2060\u2066-\u2069]/g;

/** The address of an account that is a number with its country's code: WhatsApp's, with the number of a device or without. */
const ACCOUNT = /^(\+?\d+)(?:[:._]\d{1,4}){0,2}@(?:s\.whatsapp\.net|c\.us)$/i;

/** What a channel puts before a number. */
const CHANNEL = /^(?:tel|callto|whatsapp|p|sips?):(?:\/\/)?/i;
const CHANNEL_OF_SIP = /^sips?:/i;

/** What people write before or behind a number to say which of a person's it is. */
const LABEL_WORDS =
  'tel[eé]?f?(?:ono)?s?|tel|t[eé]l|telf|tlf|tfno|fono|fone|telefones?|celular(?:es)?|cels?|cell|m[oó]vil(?:es)?|m[oó]v|mobile|mob|' +
  'phone|ph|whats?app|whats|wha|wsp|wpp|wa|casa|home|oficina|of|ofna|office|work|trabajo|trab|trabalho|fijo|fixo|fax|principal|' +
  'main|recados?|contacto|contato|n[uú]mero|n[uú]m|number|nro|directo|direct|conmutador|residencial|residencia|comercial|' +
  'particular|personal|pessoal|empresa|negocio|otro|other';
const LABEL_BEFORE = new RegExp(
  `^(?:(?:${LABEL_WORDS})(?![\\p{L}])\\.?[ \\t]*[/,&]?[ \\t]*){1,3}[:#=\\-]?[ \\t]*(?=[+(\\d])`,
  'iu',
);
const LABEL_BEHIND = new RegExp(`[ \\t]*[-,]?[ \\t]+(?:${LABEL_WORDS})\\.?$`, 'iu');
/** A remark in brackets: `(oficina)`. */
const REMARK_BEHIND = /[ \t]*\([^()0-9]*\p{L}[^()0-9]*\)$/u;
const REMARK_BEFORE = /^\([^()0-9]*\p{L}[^()0-9]*\)[ \t]*/u;

/** A letter and a colon, as on business cards: `T: …`, `M: …`. */
const LETTER_BEFORE = /^[tcmfw][.:][ \t]*(?=[+(\d])/i;

/** `x123`, `ext. 5`, `extensión 5`, `;ext=5`, `#12`, `int. 4`, `anexo 3`, `ramal 7` behind a number. */
const EXTENSION =
  /^(.*?\d[ \t)]*)[ \t]*[,;]?[ \t]*(?:extensi[oó]n|extens[aã]o|extn|ext|interno|int|anexo|ramal|x|#)[ \t]*[.:=#]?[ \t]*(\d{1,7})$/iu;

/**
 * Takes a number out of what people and programs write around it. Rules: docs/phone-numbers.md, What is read.
 *
 * @returns the number, or `fault`: a clause that completes "phone_number …", without a character of the text
 */
export function readPhoneText(text: string): Parsed<PhoneText> {
  const trimmed = text.trim();
  if (trimmed === '') return { fault: 'is empty' };
  // A `+` in a query string often arrives as a space.
  const dialled = /^ +[\d(]/.test(text) ? 'perhaps' : 'as dialled';
  // Longer is no label with a number; the patterns below are for short texts.
  if (GROUPED.test(trimmed) && !trimmed.includes('(0)')) {
    const digits = trimmed.replace(NO_DIGIT, '');
    if (digits === '') return { fault: 'has no digits' };
    return { value: { digits, country: trimmed.startsWith('+') ? 'plus' : dialled } };
  }
  if (trimmed.length > LONGEST) return readDigits(inAscii(trimmed), dialled);
  const plain = withoutChannel(plainNumber(withoutSpreadsheet(inAscii(trimmed))));
  const account = ACCOUNT.exec(plain)?.[1];
  if (account !== undefined) return readDigits(account, 'perhaps');
  const bare = withoutLabels(plain);
  const [, base = bare, extension] = EXTENSION.exec(bare) ?? [];
  const read = readDigits(base, dialled);
  if ('fault' in read || extension === undefined) return read;
  return { value: { ...read.value, extension } };
}

function readDigits(text: string, country: PhoneText['country']): Parsed<PhoneText> {
  const bare = text.replace(FORMATTING, '');
  const plus = bare.startsWith('+');
  const digits = plus ? bare.slice(1) : bare;
  const fault = faultOf(digits);
  if (fault !== undefined) return { fault };
  if (!plus) return { value: { digits, country } };
  const hasZero = text.includes('(0)');
  if (!hasZero) return { value: { digits, country: 'plus' } };
  const withoutZero = text.replace('(0)', '').replace(FORMATTING, '').slice(1);
  return { value: { digits, country: 'plus', withoutZero } };
}

function faultOf(digits: string): string | undefined {
  if (/^[0-9]+$/.test(digits)) return undefined;
  if (digits === '') return 'has no digits';
  if (/^\d{4,}(?:x+|\*+)$/i.test(digits)) return 'has x or * in the place of digits; send all digits';
  if (/;|ext|x\d/i.test(digits)) return 'has an extension that is not understood; write it as ext. 12';
  if (/^\d{1,18}(?:e\+?\d+)$/i.test(digits))
    return 'has lost digits in a spreadsheet; format its column as text';
  if (/\p{L}/u.test(digits)) return 'has letters; only digits and + - ( ) . / are understood';
  if (/[^0-9]/.test(digits)) return 'has a character that does not belong in a telephone number';
  return undefined;
}

/** Digits of other scripts that are of the ten of theirs, and the full-width forms of ASCII, as ASCII. */
function inAscii(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  return text
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/[\u3000\u00a0\u2007\u2009\u202f]/g, ' ')
    .replace(/[\u200e\u200f\u202a-\u202c\u2060\u2066-\u2069]/g, '')
    .replace(/\p{Nd}/gu, valueOfDigit);
}

/** Unicode gives each script's ten digits neighbouring places, beginning with zero. */
function valueOfDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}

/** Without what a spreadsheet puts around a number to keep it a text: an apostrophe before it, or `="…"`. */
function withoutSpreadsheet(text: string): string {
  return /^="(.*)"$/s.exec(text)?.[1]?.trim() ?? (text.startsWith("'") ? text.slice(1).trim() : text);
}

/** A spreadsheet's number as its digits: `3323456907.0`, `3,323,456,907`, `3.323456907e9`. */
export function plainNumber(text: string): string {
  const whole = /^(\d{6,18})\.0{1,2}$/.exec(text)?.[1];
  if (whole !== undefined) return whole;
  if (/^\d{1,3}(?:,\d{3}){2,5}$/.test(text)) return text.replaceAll(',', '');
  const [, first = '', rest = '', exponent = ''] = /^(\d)\.(\d{5,17})e\+?(\d{1,2})$/i.exec(text) ?? [];
  const places = Number(exponent);
  // Shorter than that, digits were lost.
  return first !== '' && rest.length === places ? first + rest : text;
}

/** Without the channel, a host and parameters (RFC 3261, RFC 3966): only an extension and a country's code are of the number. */
function withoutChannel(text: string): string {
  const inner = /^<(.*)>$/.exec(text)?.[1] ?? text;
  const channel = CHANNEL.exec(inner)?.[0];
  if (channel === undefined) return inner;
  const rest = inner.slice(channel.length);
  const [user = ''] = CHANNEL_OF_SIP.test(channel) ? rest.split('@', 1) : [rest];
  const [number = '', ...parameters] = user.split(';');
  const extension = parameters.find((parameter) => /^ext=\d+$/i.test(parameter));
  const context = parameters.map((parameter) => /^phone-context=(\+\d{1,4})$/i.exec(parameter)?.[1]);
  const whole = number.startsWith('+') ? number : (context.find((code) => code !== undefined) ?? '') + number;
  return extension === undefined ? whole : `${whole};${extension}`;
}

function withoutLabels(text: string): string {
  if (!/\p{L}/u.test(text)) return text;
  return text
    .replace(REMARK_BEHIND, '')
    .replace(LABEL_BEHIND, '')
    .replace(REMARK_BEFORE, '')
    .replace(LABEL_BEFORE, '')
    .replace(LETTER_BEFORE, '');
}
