/** Without the spaces (U+0020, nothing else) at its ends. As a regular expression it would take the square of a long text's length. */
export function trimSpaces(text: string): string {
  let start = 0;
  while (text[start] === ' ') start += 1;
  return trimEndSpaces(text.slice(start));
}

/** Without the spaces at its end. */
export function trimEndSpaces(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end -= 1;
  return text.slice(0, end);
}
