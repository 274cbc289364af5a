import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';

import type { PasswordScheme } from '../../core/account-store.ts';
import { StoreFailure } from '../../core/lead-store.ts';
import { decodeBcryptBase64, PASSWORD_BYTES, SALT_BYTES } from './eksblowfish.ts';
import { createBcrypt, type Bcrypt } from './bcrypt.ts';

/** Four seconds of a core for each of the two makers. What costs more is unusable: no password fits. */
export const HIGHEST_USABLE_COST = 16;

/** How a dialer that hashes does it: `pass_key` and `pass_cost` of its system settings, the same for all users. */
export interface HashedForm {
  readonly key: string;
  readonly cost: number;
}

/** In which form the dialer keeps its passwords at this moment. */
export type PasswordForm = 'plain' | HashedForm;

type Stored = { readonly pass: string } | ({ readonly hash: string } & HashedForm);

/** What an account's password is checked against where the dialer keeps passwords as they are. */
export function plainVerifier(pass: string): string {
  return JSON.stringify(['plain', pass]);
}

/** The same where the dialer hashes. */
export function hashedVerifier({ hash, key, cost }: { hash: string; key: string; cost: number }): string {
  return JSON.stringify(['hashed', hash, key, cost]);
}

/**
 * The scheme of a dialer's passwords, in either form.
 *
 * @param currentForm whoever has no password is checked in this form, so that the time does not tell who has one
 */
export function createDialerPasswords(
  currentForm: () => PasswordForm,
  bcrypt: Bcrypt = createBcrypt(),
): PasswordScheme & { close(): Promise<void> } {
  const isSame = createComparison();
  return {
    /** @throws {StoreFailure} the thread that hashes ended */
    async verify(password, verifier) {
      const stored = verifier === undefined ? undefined : readVerifier(verifier);
      const against = stored ?? nobodys(currentForm());
      const fits =
        'pass' in against
          ? isSame(password, against.pass) && against.pass !== ''
          : await fitsHash(bcrypt, isSame, password, against);
      return fits && stored !== undefined && password !== '';
    },
    close: () => bcrypt.close(),
  };
}

function nobodys(form: PasswordForm): Stored {
  return form === 'plain' ? { pass: '' } : { hash: '', ...form };
}

/** Whatever does not fit, the same two hashes are made. */
async function fitsHash(
  bcrypt: Bcrypt,
  isSame: Comparison,
  password: string,
  { hash, key, cost }: { readonly hash: string } & HashedForm,
): Promise<boolean> {
  const salts = saltsOf(key);
  const isUsable = Number.isInteger(cost) && cost >= 0 && cost <= HIGHEST_USABLE_COST;
  let digests: readonly string[];
  try {
    digests = await Promise.all(
      (salts ?? STAND_IN_SALTS).map((salt) => bcrypt.digest(password, salt, isUsable ? cost : STAND_IN_COST)),
    );
  } catch (cause) {
    throw new StoreFailure(cause);
  }
  const same = digests.map((digest) => isSame(digest, hash));
  return same.includes(true) && salts !== undefined && isUsable && isSeenWhole(password);
}

const STAND_IN_SALTS = [Buffer.alloc(SALT_BYTES), Buffer.alloc(SALT_BYTES)] as const;
/** A stock dialer's. */
const STAND_IN_COST = 2;

/**
 * Two programs write `pass_hash`. The dialer's own, in Perl, takes the key's 16 bytes as they are. GOautodial's, in
 * PHP 7, gave the key's base64 to `password_hash`, which finds `=` in it, encodes it once more and cuts it to
 * bcrypt's 22 characters.
 *
 * @returns undefined when the key has not 16 bytes
 */
export function saltsOf(key: string): readonly [Buffer, Buffer] | undefined {
  const bytes = Buffer.from(key);
  if (bytes.length !== SALT_BYTES) return undefined;
  const twice = Buffer.from(bytes.toString('base64')).toString('base64');
  // PHP makes `.` of `+`, but base64 of base64 holds none.
  return [bytes, decodeBcryptBase64(twice.slice(0, 22))];
}

/**
 * Two passwords may have one hash: bcrypt sees 72 bytes, takes `a` and `a\0a` for the same, and a lone surrogate has
 * no bytes of its own.
 */
function isSeenWhole(password: string): boolean {
  return Buffer.byteLength(password) <= PASSWORD_BYTES && !password.includes('\0') && password.isWellFormed();
}

type Comparison = (one: string, other: string) => boolean;

/** Exact, in a time that tells neither where two texts differ nor which length is right. */
function createComparison(): Comparison {
  const key = createSecretKey(randomBytes(32));
  // UTF-16 holds every string as it is; in UTF-8 a lone surrogate would turn into another character.
  const digestOf = (text: string) => createHmac('sha256', key).update(text, 'utf16le').digest();
  return (one, other) => timingSafeEqual(digestOf(one), digestOf(other));
}

function readVerifier(text: string): Stored | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts)) return undefined;
  const [form, secret, key, cost] = parts as readonly unknown[];
  if (typeof secret !== 'string') return undefined;
  if (form === 'plain') return { pass: secret };
  if (form !== 'hashed' || typeof key !== 'string' || typeof cost !== 'number') return undefined;
  return { hash: secret, key, cost };
}
