import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';

import { createLockout, isDialerAccount, isReservedName, userIdentity } from '../../auth/lockout.ts';
import type {
  Account,
  AccountSnapshot,
  AccountStore,
  ExpectedLookup,
  GrantDirectory,
  LoginFailureStore,
  PasswordScheme,
} from '../../core/account-store.ts';
import { type LeadStore, StoreFailure } from '../../core/lead-store.ts';
import type { LookupQuery } from '../../core/query.ts';
import { RIGHT_BIT, type Rights } from '../../core/rights.ts';
import { withStoreFailure } from '../network/pool.ts';
import { type Bcrypt, createBcrypt } from './bcrypt.ts';
import { decodeBcryptBase64, PASSWORD_BYTES, SALT_BYTES } from './eksblowfish.ts';
import type { FailedLogins } from './failed-logins.ts';
import type { ExpectedAccount, PrefetchedLead } from './found-leads.ts';
import type { CompleteLead, DialerLookups } from './lookups.ts';
import type { Row } from './rows.ts';
import type { HashedForm, PasswordForm } from './schema.ts';
import type { DialerSearches } from './searches.ts';

/** A dialer's account, with what its statement brought of the lead that was asked for. */
interface DialerSnapshot extends AccountSnapshot {
  readonly prefetched: {
    /** Undefined: no lead was looked for. */
    readonly query: LookupQuery | undefined;
    readonly lead: PrefetchedLead;
    /** As the dialer has counted them; undefined: they are not ours to count. */
    readonly failedLogins: number | undefined;
  };
}

/**
 * Users as the dialer knows them: its names, its passwords, its rights.
 *
 * @param parts.failures callercard's own count, which knows names that the dialer does not have, and survives a restart
 */
export function createAccountStore(parts: {
  readonly failedLogins: FailedLogins;
  readonly lookups: DialerLookups;
  readonly searches: DialerSearches;
  readonly passwords: PasswordScheme;
  readonly failures: () => LoginFailureStore;
  readonly grants: () => GrantDirectory;
}): AccountStore {
  const { lookups, searches, passwords, failures } = parts;

  const lockout = createLockout(() => failures().now());

  async function read(userName: string, expected: ExpectedLookup | undefined): Promise<DialerSnapshot> {
    const identity = userIdentity(userName);
    // Before the dialer is asked: for a name that is locked no lead is read.
    const counted = await failures().readFailures(identity);
    const isExpected = !lockout.isLocked(counted) && !lockout.mayBeLockedInNetwork(counted);
    const {
      schema,
      account: row = [],
      prefetched,
    } = await lookups.readAccount(userName, isExpected ? expectedAccount(expected) : undefined);
    const [failedLogins, isLockedThere] = row.slice(6);
    const account = accountOf(row, schema.schema.settings.passwords, identity);
    return {
      identity,
      account,
      failures: counted,
      // By the dialer's own count and clock.
      isLockedElsewhere: account !== undefined && Number(isLockedThere) === 1,
      prefetched: {
        ...prefetched,
        failedLogins: schema.mayCountFailures ? Number(failedLogins ?? 0) : undefined,
      },
    };
  }

  return {
    passwords,
    prefetches: true,
    read: (userName, expected) => withStoreFailure(() => read(userName, expected)),
    listsOf: ({ account }) =>
      withStoreFailure(() => (account === undefined ? [] : searches.scopeOf(account.name))),
    grantsOf: ({ identity, account }) =>
      withStoreFailure(() => {
        const grant = parts.grants().find(identity);
        return grant !== undefined && grant.accountId === account?.id ? grant.rights : 0;
      }),
    reportPasswordCheck: (snapshot, fits) =>
      parts.failedLogins.report(snapshot.account, (snapshot as DialerSnapshot).prefetched.failedLogins, fits),
    now: () => failures().now(),
    readFailures: (identity) => failures().readFailures(identity),
    readKnownNetwork: (identity, network) => failures().readKnownNetwork(identity, network),
    countFailure: (...counted) => failures().countFailure(...counted),
    recordSuccess: (...login) => failures().recordSuccess(...login),
    countAllFailures: (identity) => failures().countAllFailures(identity),
    clearFailures: (identity) => failures().clearFailures(identity),
  };
}

/**
 * Finds one lead: the one that came with the account's statement; or now that the caller is known, by the same statement; or
 * by a statement for these lists.
 *
 * @param completes what reads the rest of a lead, without its further numbers and with them
 */
export function createFind(
  lookups: DialerLookups,
  completes: { readonly alone: CompleteLead; readonly withNumbers: CompleteLead },
  accounts: Pick<AccountStore, 'listsOf'>,
): LeadStore['find'] {
  return (query, viewer, wanted) =>
    withStoreFailure(async () => {
      const isCompared = query.by === 'lead_id' && query.phone !== undefined;
      const complete = wanted?.further === true || isCompared ? completes.withNumbers : completes.alone;
      if (viewer === 'every list' || !('identity' in viewer))
        return complete(await lookups.find(query, viewer));
      const { account, prefetched } = viewer as DialerSnapshot;
      if (prefetched.query === query) return complete(prefetched.lead);
      const expected = account && expectedAccount({ query, verifier: account.verifier });
      if (account !== undefined && expected !== undefined) {
        const again = await lookups.readAccount(account.name, expected);
        if (again.prefetched.query === query) return complete(again.prefetched.lead);
      }
      return complete(await lookups.find(query, await accounts.listsOf(viewer)));
    });
}

/** What is asked for, with the account's password or hash as the dialer has it; undefined: it has none. */
function expectedAccount(expected: ExpectedLookup | undefined): ExpectedAccount | undefined {
  const stored = expected && readVerifier(expected.verifier);
  if (expected === undefined || stored === undefined) return undefined;
  return { query: expected.query, secret: typeof stored === 'string' ? stored : stored.hash };
}

/**
 * @param row in the order in which statements select an account (statements.ts); empty: no such user
 * @param identity of the name that was typed. The dialer's collation equates more characters: a row of another identity is
 *   nobody's, or failures would be counted under two names, and would tell which of them exists. So is that of a reserved name:
 *   the audit would have two under it
 */
function accountOf(row: Row, form: PasswordForm, identity: string): Account | undefined {
  const [userId, name, pass, hash, mayLogIn, hasApiAccess] = row;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  if (row.length === 0 || userIdentity(text(name)) !== identity || isReservedName(identity)) return undefined;
  return {
    id: String(userId),
    name: text(name),
    verifier: form === 'plain' ? plainVerifier(text(pass)) : hashedVerifier({ hash: text(hash), ...form }),
    active: Number(mayLogIn) === 1 && !isDialerAccount(text(name)),
    rights: Number(hasApiAccess) === 1 ? AGENT | RIGHT_BIT.read : AGENT,
  };
}

/** Whoever the dialer lets log in works with its customers. */
const AGENT: Rights = RIGHT_BIT.card;

/** Four seconds of a core for each of the two makers. What costs more is unusable: no password fits. */
export const HIGHEST_USABLE_COST = 16;

export function isUsableCost(cost: number): boolean {
  return Number.isInteger(cost) && cost >= 0 && cost <= HIGHEST_USABLE_COST;
}

type StoredHash = { readonly hash: string } & HashedForm;

/** What an account's password is checked against where the dialer keeps passwords as they are. */
export function plainVerifier(pass: string): string {
  return JSON.stringify(['plain', pass]);
}

/** The same where the dialer hashes. */
export function hashedVerifier({ hash, key, cost }: StoredHash): string {
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
      const stored = readVerifier(verifier);
      const form = currentForm();
      const against = stored ?? (form === 'plain' ? '' : { hash: '', ...form });
      const fits =
        typeof against === 'string'
          ? isSame(password, against)
          : await fitsHash(bcrypt, isSame, password, against);
      return fits && stored !== undefined && password !== '';
    },
    close: () => bcrypt.close(),
  };
}

/** Whatever does not fit, the same two hashes are made. */
async function fitsHash(
  bcrypt: Bcrypt,
  isSame: ReturnType<typeof createComparison>,
  password: string,
  { hash, key, cost }: StoredHash,
): Promise<boolean> {
  const salts = saltsOf(key);
  const isUsable = isUsableCost(cost);
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

/** Exact, in a time that tells neither where two texts differ nor which length is right. */
function createComparison() {
  const key = createSecretKey(randomBytes(32));
  // UTF-16 holds every string as it is; in UTF-8 a lone surrogate would turn into another character.
  const digestOf = (text: string) => createHmac('sha256', key).update(text, 'utf16le').digest();
  return (one: string, other: string) => timingSafeEqual(digestOf(one), digestOf(other));
}

/** The password, or its hash; undefined for whatever is no verifier. */
function readVerifier(text = ''): string | StoredHash | undefined {
  try {
    const [form, secret, key, cost] = JSON.parse(text) as readonly unknown[];
    if (typeof secret !== 'string') return undefined;
    if (form === 'plain') return secret;
    if (form !== 'hashed' || typeof key !== 'string' || typeof cost !== 'number') return undefined;
    return { hash: secret, key, cost };
  } catch {
    return undefined;
  }
}
