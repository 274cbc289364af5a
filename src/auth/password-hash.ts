import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

import type { PasswordScheme } from '../core/account-store.ts';

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

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Who has no password is checked against this, at the same cost. */
const NOBODYS = { ...COST, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };

/** The scheme of the embedded store. Runs off the event loop. */
export const argon2Passwords: PasswordScheme = {
  async verify(password, text) {
    const stored = text === undefined ? undefined : readVerifier(text);
    const { salt: nonce, hash, ...cost } = stored ?? NOBODYS;
    const actual = await derive('argon2id', { message: password, nonce, tagLength: hash.length, ...cost });
    return timingSafeEqual(actual, hash) && stored !== undefined;
  },
};

/** Whether a stored verifier can be read at all; `callercard check` reports those that cannot. */
export function isVerifier(text: string): boolean {
  return readVerifier(text) !== undefined;
}

/** The limits are argon2's own (RFC 9106, 3.1); what is beyond them no hash can be made with. */
function readVerifier(text: string) {
  const [, memory, passes, parallelism, salt = '', hash = ''] = PHC.exec(text) ?? [];
  const verifier = {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
  const isPossible =
    verifier.passes >= 1 &&
    verifier.parallelism >= 1 &&
    verifier.memory >= 8 * verifier.parallelism &&
    verifier.salt.length >= 8 &&
    verifier.hash.length >= SALT_BYTES;
  return isPossible ? verifier : undefined;
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
