import { isDialerAccount, isReservedName, userIdentity } from '../../auth/lockout.ts';
import type { Inspection } from '../../core/store.ts';
import { createBcrypt } from '../../stores/vicidial/bcrypt.ts';
import { HIGHEST_USABLE_COST, isUsableCost, saltsOf } from '../../stores/vicidial/account-store.ts';
import { type HashedForm, missingOf, type PasswordForm } from '../../stores/vicidial/schema.ts';
import { type InspectedDialer, listed } from './inspected.ts';
import { advise, ok, problem } from '../inspection.ts';

const USERS = 'users';

/** Who gets in, what keeps some of them out, and how well their passwords keep others out. */
export async function* inspectUsers(inspected: InspectedDialer): AsyncGenerator<Inspection> {
  const { schema, config } = inspected;
  if (missingOf(schema, config.listScope).length > 0) return;
  const allowed = await readUsers(inspected);
  const ofTheDialer = allowed.filter(({ name }) => isDialerAccount(name));
  if (ofTheDialer.length > 0) {
    yield ok(
      USERS,
      `${listed(ofTheDialer.map(({ name }) => name))}: the dialer's own, with a password that everybody knows; never let in here`,
    );
  }
  const reserved = allowed.filter(({ name }) => isReservedName(name)).map(({ name }) => name);
  if (reserved.length > 0) {
    yield advise(
      USERS,
      `users who never get in, because log and audit use their names for tokens and for the operator: ${reserved.length} (${listed(reserved)})`,
      'in the dialer, Users: copy each of them to a user of another name',
    );
  }
  const users = allowed.filter(({ name }) => !isDialerAccount(name) && !isReservedName(name));
  yield inspectRights(users);
  if (config.listScope === 'campaigns') yield* inspectGroups(inspected, users);
  yield* inspectPasswords(schema.settings.passwords, users);
}

function inspectRights(users: readonly DialerUser[]): Inspection {
  if (users.length === 0) {
    return problem(
      USERS,
      'nobody gets in: no user is active and has a level above 0',
      'in the dialer, Users, Modify: Active, User Level',
    );
  }
  const readers = users.filter(({ mayRead }) => mayRead).length;
  return readers > 0
    ? ok(
        USERS,
        `active users, who may see cards: ${users.length}; with Agent API Access, the right read: ${readers}`,
      )
    : advise(
        USERS,
        `nobody may use the documented API: of ${users.length} active users none has the right to it`,
        "if somebody is to, in the dialer, Users, Modify, Agent API Access; or UPDATE vicidial_users SET vdc_agent_api_access = '1' WHERE user = 'NAME';",
      );
}

type DialerUser = Awaited<ReturnType<typeof readUsers>>[number];

/** Those whom a right password would let in; a small table. */
async function readUsers({ read, schema, config }: InspectedDialer) {
  const secret = schema.settings.passwords === 'plain' ? 'pass' : 'pass_hash';
  const group = config.listScope === 'campaigns' ? 'user_group' : 'NULL';
  const rows = await read(
    `SELECT user, ${group}, ${secret}, vdc_agent_api_access = '1' FROM vicidial_users
      WHERE active = 'Y' AND user_level > 0 ORDER BY user`,
    [],
  );
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return rows.map(([name, ofGroup, stored, mayRead]) => ({
    name: text(name),
    group: text(ofGroup),
    mayRead: Number(mayRead) === 1,
    /** The password, or its hash where the dialer hashes. It leaves this file in no form. */
    secret: text(stored),
  }));
}

/** Users who get in and then find nothing. */
async function* inspectGroups(
  { read }: InspectedDialer,
  users: readonly DialerUser[],
): AsyncGenerator<Inspection> {
  const [groups, campaigns] = await Promise.all([
    read('SELECT user_group, allowed_campaigns FROM vicidial_user_groups', []),
    read('SELECT DISTINCT campaign_id FROM vicidial_lists', []),
  ]);
  const allowed = new Map(groups.map(([name, text]) => [userIdentity(String(name)), allowedCampaigns(text)]));
  const withLists = new Set(campaigns.map(([name]) => userIdentity(String(name))));
  const troubleOf = ({ group }: DialerUser) => {
    const found = allowed.get(userIdentity(group));
    if (found === undefined) return 'their user group does not exist';
    if (found.length === 0) return 'their user group allows no campaign';
    const hasList = found.some((name) => name === '-all-campaigns-' || withLists.has(name));
    return hasList ? undefined : 'the campaigns of their user group have no list';
  };
  for (const [why, advice] of Object.entries(GROUP_ADVICE)) {
    const names = users.filter((user) => troubleOf(user) === why).map(({ name }) => name);
    if (names.length === 0) continue;
    yield advise(
      USERS,
      `users who find no lead, because ${why}: ${names.length} (${listed(names)})`,
      `in the dialer, ${advice}`,
    );
  }
}

/** By why its users find no lead. */
const GROUP_ADVICE = {
  'their user group does not exist': 'give them another: Users, Modify, User Group',
  'their user group allows no campaign': 'allow it some: User Groups, Modify, Allowed Campaigns',
  'the campaigns of their user group have no list':
    'allow it others (User Groups, Modify, Allowed Campaigns) or give a list to the campaign',
};

/** As statements.ts reads it: ` A B -`; what is written otherwise allows nothing. */
function allowedCampaigns(text: unknown): readonly string[] {
  if (typeof text !== 'string' || !text.endsWith(' -') || text.includes(',')) return [];
  return text
    .split(' ')
    .filter((name) => name !== '' && name !== '-')
    .map((name) => userIdentity(name));
}

/** What is tried first by whoever wants to get in, beside the user's own name; in lower case. */
const WELL_KNOWN = [
  '1234',
  '12345',
  '123456',
  '12345678',
  '0000',
  '1111',
  'test',
  'pass',
  'password',
  'admin',
  'agent',
  'vicidial',
  'goautodial',
  'donotedit',
] as const;

/** Below this a stolen hash is guessed quickly. */
const LOWEST_GOOD_COST = 10;
/** What all guesses of a check may cost together: a few seconds of a core. */
const MOST_ROUNDS = 65_536;

const PASSWORDS = 'passwords';

/** How the dialer keeps passwords, and whether users have good ones. Messages contain no password. */
async function* inspectPasswords(
  form: PasswordForm,
  users: readonly DialerUser[],
): AsyncGenerator<Inspection> {
  yield inspectForm(form);
  const without = users.filter(({ secret }) => secret === '').map(({ name }) => name);
  if (without.length > 0) {
    yield advise(
      PASSWORDS,
      `users without a ${form === 'plain' ? 'password' : 'hash'}, who never get in: ${without.length} (${listed(without)})`,
      'in the dialer, Users, Modify: set their password, or make them inactive',
    );
  }
  const { weak, triesKnown, triesNames } =
    form === 'plain'
      ? await guess(
          users.map((user) => ({ ...user, secret: user.secret.toLowerCase() })),
          (password) => Promise.resolve([password.toLowerCase()]),
        )
      : await guessHashed(form, users);
  if (weak.length > 0) {
    yield problem(
      PASSWORDS,
      `users whose password is their own name or one that everybody tries: ${weak.length} (${listed(weak)})`,
      'in the dialer, Users, Modify: give each another password',
    );
  }
  if (!triesNames) {
    const what = triesKnown
      ? 'whether users have their own name as password'
      : 'passwords that everybody tries';
    yield ok(PASSWORDS, `not tried, because the dialer's hashes take long: ${what}`);
  }
}

function inspectForm(form: PasswordForm): Inspection {
  if (form === 'plain') {
    return advise(
      PASSWORDS,
      'kept as they are: whoever reads vicidial_users, or a backup of it, has every password',
      'the dialer can hash them (Password Encryption in Admin, System Settings): its ADMIN_bcrypt_convert.pl --test, then without --test; its docs/ENCRYPTED_PASSWORDS.txt says how',
    );
  }
  const { key, cost } = form;
  if (saltsOf(key) === undefined) {
    return problem(
      PASSWORDS,
      'pass_key of system_settings has not the 16 bytes of a salt, so no password fits',
      'look whether it was changed: with the key of the time when the hashes were made they fit again',
    );
  }
  if (!isUsableCost(cost)) {
    return problem(
      PASSWORDS,
      `pass_cost of system_settings is none that can be used (0 to ${HIGHEST_USABLE_COST}), so no password fits`,
      'set pass_cost to 10 in the dialer, and every password anew',
    );
  }
  return cost < LOWEST_GOOD_COST
    ? advise(
        PASSWORDS,
        `hashed, but so cheaply (pass_cost ${cost}) that a stolen hash is soon guessed`,
        `set pass_cost to ${LOWEST_GOOD_COST} in the dialer, and every password anew: the hashes of today fit no other cost`,
      )
    : ok(PASSWORDS, `hashed by the dialer (pass_cost ${cost})`);
}

/**
 * Whose password is well known or their own name.
 *
 * @param storedAs how the dialer may store a password; one that is well known is stored alike, whoever has it
 * @param affordable how many passwords may be tried
 */
async function guess(
  users: readonly DialerUser[],
  storedAs: (password: string) => Promise<readonly string[]>,
  affordable = Infinity,
) {
  const triesKnown = affordable >= WELL_KNOWN.length;
  const triesNames = affordable >= WELL_KNOWN.length + users.length;
  const known = new Set(triesKnown ? (await Promise.all(WELL_KNOWN.map(storedAs))).flat() : []);
  const weak: string[] = [];
  for (const { name, secret } of users) {
    if (known.has(secret) || (triesNames && (await storedAs(name)).includes(secret))) weak.push(name);
  }
  return { weak, triesKnown, triesNames };
}

async function guessHashed({ key, cost }: HashedForm, users: readonly DialerUser[]) {
  const salts = saltsOf(key);
  if (salts === undefined || !isUsableCost(cost) || users.length === 0)
    return guess([], () => Promise.resolve([]));
  const bcrypt = createBcrypt();
  const digestsOf = (password: string) =>
    Promise.all(salts.map((salt) => bcrypt.digest(password, salt, cost)));
  try {
    return await guess(users, digestsOf, Math.floor(MOST_ROUNDS / 2 ** cost / salts.length));
  } finally {
    await bcrypt.close();
  }
}
