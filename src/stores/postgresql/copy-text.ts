/** As the server's COPY reads rows: tabs between values, `\N` for NULL. */
export type CopyValue = string | number | null;

const SPECIAL = /[\\\t\n\r]/;
const ALL_SPECIAL = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** One row, with its end. Texts have no U+0000. */
export function copyLine(values: readonly CopyValue[]): string {
  let line = '';
  for (const [at, value] of values.entries()) {
    if (at > 0) line += '\t';
    if (value === null) line += '\\N';
    else if (typeof value === 'string' && SPECIAL.test(value))
      line += value.replace(ALL_SPECIAL, (character) => ESCAPES[character] ?? character);
    else line += String(value);
  }
  return `${line}\n`;
}
