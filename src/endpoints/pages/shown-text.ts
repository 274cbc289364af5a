/** Controls but tab and line feed; overrides of the direction of writing, which make a name look like another. */
// eslint-disable-next-line no-control-regex
const NOT_SHOWN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** A text as a page may hold it. */
export function shownText(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, '\n').replace(NOT_SHOWN, '\uFFFD');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes like the library of templates, but writes nothing for a missing value, and only characters that a page may hold. */
export function escapeHtml(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return '';
  return shownText(String(value)).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
