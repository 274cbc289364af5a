import { NAME_LIMIT } from '../../service/user-acts.ts';
import type { AccountWords } from './account-words.ts';

export const ENGLISH: AccountWords = {
  refusals: {
    user_exists: (name) =>
      `there is a user ${name} already; "callercard user password ${name}" changes the password, "user set" what the user may do`,
    user_unknown: (name) => `there is no user ${name}; "callercard user list" shows them`,
    user_changed: (name) => `somebody else has changed ${name} meanwhile; try again`,
    last_admin: (name) => `${name} is the last one who manages users`,
    first_key_used: () => 'there is a user already',
    name_malformed: () =>
      `a user name has 1 to ${NAME_LIMIT} bytes, no control characters and no spaces around it`,
    name_reserved: () =>
      'log and audit use names that begin with token: for tokens, and operator for the person who runs commands; choose another name',
    name_of_dialer: (name) =>
      `${name} is an account of the dialer itself, which may never sign in; choose another name`,
    rights_of_dialer: () => 'users and passwords are the dialer’s; here only calls and admin are given',
    extension_malformed: (text) =>
      `--extension takes 1 to 64 characters without spaces, commas and = (1001), or '' for none, not "${text}"`,
    extension_taken: (owner) =>
      `the user ${owner} has this extension; take it away first: callercard user set ${owner} --extension ''`,
    token_exists: (name) =>
      `there is or was a token ${name}; choose another name, because the audit tells tokens apart by it`,
    token_unknown: (name) => `there is no token ${name}; "callercard token list" shows them`,
    token_name_malformed: () => 'a token has a name of 1 to 64 letters, digits and . _ @ -',
    token_ended: () =>
      'the store has seen a day ahead of this machine’s clock, so the token would have ended already; choose a later --expires',
  },
  noAdminLeft:
    'nobody is left who manages users at the console; "callercard user set NAME --rights card,read,admin" makes somebody',
  added: (name) => `added user ${name}`,
  passwordChanged: (name) => `changed the password of ${name}`,
  enabled: (name) => `enabled user ${name}`,
  disabled: (name) => `disabled user ${name}`,
  set(name, rights, lists, extension) {
    const telephone = extension === undefined ? '' : `; extension ${extension || 'none'}`;
    return `set user ${name}: rights ${rights}; lists ${lists}${telephone}`;
  },
  granted: (name, rights) => `set user ${name}: ${rights}, beside what the dialer lets the user do`,
  removed: (name) => `removed user ${name}`,
  unlocked(name, failures) {
    const forgotten =
      failures === 0
        ? 'no failed login was counted'
        : `forgot ${failures} failed login${failures === 1 ? '' : 's'}`;
    return `unlocked ${name}: ${forgotten}`;
  },
  dialerLock: (minutes) =>
    `what the dialer itself has counted stays: its lock ends ${minutes} minutes after the last try, or in the dialer, Users, Modify`,
  noUsers: 'no users; "callercard user add NAME" adds one',
  noGrants: 'no rights were given here; "callercard user set NAME --rights calls" gives one',
  userColumns: {
    own: ['user', 'active', 'rights', 'lists', 'locked'],
    extension: 'extension',
    granted: ['user', 'given here'],
  },
  yes: 'yes',
  no: 'no',
  none: 'none',
  everyList: 'every list',
  tokenMade: (name, until) => `made token ${name}, good until ${until}; its secret is not shown again`,
  tokenRevoked: (name) => `revoked token ${name}`,
  noTokens: 'no tokens; "callercard token create NAME" makes one',
  tokenColumns: ['token', 'scope', 'lists', 'state', 'expires', 'secret'],
  tokenStates: { good: 'good', expired: 'expired', revoked: 'revoked' },
  password: {
    ask: 'Password: ',
    again: 'Again: ',
    empty: 'the password is empty',
    tooLong: (bytes) => `the password is longer than ${bytes} bytes, more than the API takes`,
    short: (least) => `that password is short; ${least} or more characters are harder to guess`,
    noTerminal: 'there is no terminal to ask at; give the password with --password-stdin',
    differ: 'the two passwords differ; nothing was changed',
    stopped: 'stopped; nothing was changed',
  },
};
