/** What a cell of a workbook shows. */

/** How a cell's number is shown, by its style. */
export interface NumberFormat {
  readonly kind: 'number' | 'date' | 'time' | 'moment';
  /** Of a format such as `00000`: digits with zeros in front. */
  readonly digits: number;
}

export const PLAIN_NUMBER: NumberFormat = { kind: 'number', digits: 0 };

/** Formats that every workbook has without writing them down: ECMA-376, part 1, 18.8.30. */
const BUILT_IN: Readonly<Record<number, NumberFormat['kind']>> = {
  14: 'date',
  15: 'date',
  16: 'date',
  17: 'date',
  18: 'time',
  19: 'time',
  20: 'time',
  21: 'time',
  22: 'moment',
  27: 'date',
  28: 'date',
  29: 'date',
  30: 'date',
  31: 'date',
  34: 'date',
  35: 'date',
  36: 'date',
  45: 'time',
  46: 'time',
  47: 'time',
  50: 'date',
  51: 'date',
  52: 'date',
  53: 'date',
  54: 'date',
  55: 'date',
  56: 'date',
  57: 'date',
  58: 'date',
};

/** @param code the format as the workbook has it, such as `dd/mm/yyyy`; undefined: a built-in one */
export function numberFormat(id: number, code: string | undefined): NumberFormat {
  if (code === undefined) return { kind: BUILT_IN[id] ?? 'number', digits: 0 };
  if (/^0{2,20}$/.test(code)) return { kind: 'number', digits: code.length };
  // Without texts, colours, escaped and padding characters.
  const bare = code.replace(/"[^"]*"|\[(?!h+\]|m+\]|s+\])[^\]]*\]|\\.|[_*].|am\/pm|a\/p/gi, '').toLowerCase();
  const [hasDate, hasTime] = [
    /[yd]/.test(bare) || bare.replace(/[hs:.]+\s*m+|m+\s*[:.]?s+/g, '').includes('m'),
    /[hs]/.test(bare),
  ];
  if (bare.includes('general') || (!hasDate && !hasTime)) return PLAIN_NUMBER;
  return { kind: hasDate && hasTime ? 'moment' : hasDate ? 'date' : 'time', digits: 0 };
}

/**
 * A number as a person sees it in a wide enough cell: every digit that the workbook has, without an exponent.
 *
 * @param text as it is written in the file: `3312340001`, `1.2E+10`
 */
export function numberText(text: string, { digits }: NumberFormat = PLAIN_NUMBER): string {
  const shown = /^-?\d+$/.test(text) ? text : decimalText(text);
  return digits > 0 && /^\d+$/.test(shown) ? shown.padStart(digits, '0') : shown;
}

interface Decimal {
  readonly sign: string;
  readonly whole: string;
  readonly fraction: string;
  readonly exponent: number;
}

function partsOf(text: string): Decimal | undefined {
  const parts = /^(-?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(text.trim());
  if (parts === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  return { sign, whole, fraction, exponent: Number(exponent) };
}

/** A number without its exponent: `1.2E+10` is 12000000000. */
export function decimalText(text: string): string {
  if (/^-?\d+$/.test(text)) return text;
  const written = partsOf(text);
  if (written === undefined) return text;
  // A spreadsheet's numbers have 15 digits; what comes after them is how the machine keeps fractions.
  const isLong = written.whole.length + written.fraction.length > 15;
  const { sign, whole, fraction, exponent } = (isLong ? partsOf(String(Number(text))) : undefined) ?? written;
  const point = whole.length + exponent;
  const zeros = '0'.repeat(Math.max(0, -point));
  const digits = zeros + (whole + fraction).padEnd(point, '0');
  const left = digits.slice(0, Math.max(0, point)).replace(/^0+(?=\d)/, '');
  const right = digits.slice(Math.max(0, point)).replace(/0+$/, '');
  return `${sign}${left === '' ? '0' : left}${right === '' ? '' : `.${right}`}`;
}

const DAY_MS = 86_400_000;

/**
 * A moment of a spreadsheet, which counts days.
 *
 * @param is1904 the workbook's days begin in 1904, as on old Macs
 * @returns `YYYY-MM-DD`, with `HH:MM:SS` where it is a moment; the number where it is no day of the calendar
 */
export function dateText(text: string, kind: NumberFormat['kind'], is1904: boolean): string {
  const serial = Number(text);
  if (!Number.isFinite(serial) || serial < 0 || serial > 2_958_466) return numberText(text);
  const time = new Date(Math.round((serial % 1) * 86_400) * 1000).toISOString().slice(11, 19);
  if (kind === 'time' && serial < 1) return time;
  // Lotus 1-2-3 took 1900 for a leap year, and Excel keeps that day.
  const day = is1904 ? serial + 1462 : serial < 60 ? serial + 1 : serial;
  const date = new Date(Date.UTC(1899, 11, 30) + Math.round(day * 86_400) * 1000);
  const shown = date.toISOString().slice(0, 10);
  const hasTime = Math.round(((serial % 1) * DAY_MS) / 1000) !== 0;
  return kind === 'date' || !hasTime ? shown : `${shown} ${date.toISOString().slice(11, 19)}`;
}

/** Where a cell is, from `BC12`: its column counted from 0, its row from 1. */
export function cellPlace(reference: string): { readonly column: number; readonly row: number } | undefined {
  const parts = /^([A-Z]{1,3})(\d{1,7})$/.exec(reference);
  if (parts?.[1] === undefined) return undefined;
  let column = 0;
  for (const letter of parts[1]) column = column * 26 + letter.charCodeAt(0) - 64;
  return { column: column - 1, row: Number(parts[2]) };
}

/** The letters of a column counted from 0: `A`, `Z`, `AA`. */
export function columnName(column: number): string {
  const letter = String.fromCharCode(65 + (column % 26));
  return column < 26 ? letter : columnName(Math.floor(column / 26) - 1) + letter;
}

/**
 * A text as cells have it: what XML cannot hold is `_x000D_`, and what looks so has its underscore written so (ECMA-376, part
 * 1, 22.9.2.19: ST_Xstring). XML would make LF of CR.
 */
export function escapeXstring(text: string): string {
  return text
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/(?![\t\n])[\p{Cc}\ufffe\uffff]/gu, (sign) => {
      const code = sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
      return `_x${code}_`;
    });
}

/** The text that `escapeXstring` was given. */
export function unescapeXstring(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}
