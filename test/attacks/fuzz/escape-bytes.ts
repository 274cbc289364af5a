/** Bytes as a person can read and copy them: a line for each line, everything that is not plain ASCII escaped. */
export function escapeBytes(bytes: Buffer, most = 4_000): string {
  const text = bytes
    .subarray(0, most)
    .toString('latin1')
    .replace(/\\/g, '\\\\')
    .replace(/\r/g, '\\r')
    .replace(/[^\n -~]/g, (letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(/\n/g, '\\n\n');
  return bytes.length > most ? `${text} ... ${bytes.length} bytes in all` : text;
}
