import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** OWASP's argon2id: 19 MiB, 2 passes, 1 lane; about 11 ms of one core. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

const derive = promisify(argon2);

/** Makes the verifier that is stored for a password, as a PHC string. Runs off the event loop. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive('argon2id', {
    message: password,
    nonce: salt,
    tagLength: HASH_BYTES,
    ...COST,
  });
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${base64(salt)}$${base64(hash)}`;
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/**
 * Checks a password against a stored verifier, in the same time whether it fits or not. Runs off the event
 * loop.
 *
 * @throws {Error} the stored verifier is none of ours (the row was written by something else)
 */
export async function verifyPassword(password: string, verifier: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt, hash] = PHC.exec(verifier) ?? [];
  if (hash === undefined || salt === undefined) throw new Error('a stored password verifier is malformed');
  const expected = Buffer.from(hash, 'base64');
  const actual = await derive('argon2id', {
    message: password,
    nonce: Buffer.from(salt, 'base64'),
    tagLength: expected.length,
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  });
  return timingSafeEqual(actual, expected);
}

/** A verifier that no password fits: unknown users are checked against it, at the same cost. */
export const NOBODYS_VERIFIER = `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${base64(
  Buffer.alloc(SALT_BYTES),
)}$${base64(Buffer.alloc(HASH_BYTES))}`;

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
