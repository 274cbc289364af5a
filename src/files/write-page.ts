/** A table of a page: its heading, the names of its columns, and its rows. */
export interface PageTable {
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * A page that stands alone: it loads nothing, runs nothing, and whatever the texts hold, they are texts.
 *
 * @param lead sentences below its title
 * @param words its language, and what stands where a table has no rows
 */
export function writePage(
  title: string,
  lead: readonly string[],
  tables: readonly PageTable[],
  { language, none }: { readonly language: string; readonly none: string },
): string {
  return [
    '<!doctype html>',
    `<html lang="${language}"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    ...lead.map((sentence) => `<p>${escaped(sentence)}</p>`),
    ...tables.map((table) => writeTable(table, none)),
    '</body></html>\n',
  ].join('\n');
}

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}' +
  'table{border-collapse:collapse;width:100%;margin-bottom:2rem}' +
  'th,td{border-bottom:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere}' +
  '@media print{body{margin:0}}';

function writeTable({ heading, columns, rows }: PageTable, none: string): string {
  const head = columns.map((name) => `<th scope="col">${escaped(name)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`);
  const empty = rows.length === 0 ? `<p>${escaped(none)}</p>` : '';
  const table =
    rows.length === 0
      ? ''
      : `<table><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
  return `<h2>${escaped(heading)}</h2>\n${empty}${table}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** As text, also of characters that reverse or hide what stands around them. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replace(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, '\uFFFD');
}
