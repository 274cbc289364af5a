/** What is set over HTTP is not shorter; a command says that it is, and takes it. */
export const LEAST_PASSWORD = 8;
/** The longest parameter of the API. */
export const MOST_PASSWORD_BYTES = 1_024;

/** Whether somebody may have it as a new password. */
export function isPassword(text: string): boolean {
  return text.length >= LEAST_PASSWORD && Buffer.byteLength(text) <= MOST_PASSWORD_BYTES;
}
