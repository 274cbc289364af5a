/** Stored text on a terminal: control characters, which could move the cursor or colour the rest, become `?`. */
export function printable(text: string): string {
  return text.replace(/\r?\n/g, ' ⏎ ').replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
}
