const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** bcrypt's base64 differs from the standard one in the order of its alphabet alone, and has no `=`. */
const BCRYPT = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function encodeBcryptBase64(bytes: Uint8Array): string {
  return translate(Buffer.from(bytes).toString('base64').replace(/=+$/, ''), STANDARD, BCRYPT);
}

/** @param text of bcrypt's alphabet; the bits that make no whole byte are dropped */
export function decodeBcryptBase64(text: string): Buffer {
  return Buffer.from(translate(text, BCRYPT, STANDARD), 'base64');
}

function translate(text: string, from: string, to: string): string {
  return text.replace(/./g, (character) => to.charAt(from.indexOf(character)));
}
