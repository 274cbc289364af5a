import { setTimeout as pause } from 'node:timers/promises';

import type { AgentExtension, AsteriskAddress } from '../config/asterisk-settings.ts';
import { extensionOf, headerOf, isLocal } from '../connectors/asterisk/channel-name.ts';
import { ManagerSession, type SessionEnd } from '../connectors/asterisk/manager-session.ts';
import type { ManagerMessage } from '../connectors/asterisk/read-events.ts';
import type { AccountStore } from '../core/account-store.ts';
import type { Inspection, OwnStore, Store } from '../core/store.ts';
import { advise, ok, problem } from './inspection.ts';

const SUBJECT = 'automatic pop';
/** How long it is listened for telephones. */
const LISTEN_MS = 2_000;
/** Telephones that are named. */
const MOST_NAMED = 20;
/** With one of these a manager user can do harm: with any, more than callercard needs. */
const HARMFUL = [
  'Originate',
  'Command',
  'Hangup',
  'Redirect',
  'Setvar',
  'GetConfig',
  'UpdateConfig',
  'DBPut',
];

interface Heard {
  readonly version: string;
  /** Actions that the manager user may do; undefined: it may not ask. */
  readonly actions: ManagerMessage | undefined;
  readonly telephones: ReadonlySet<string>;
}

type Settings = { readonly asterisk: AsteriskAddress; readonly agents: readonly AgentExtension[] };
type Users = Pick<Store, 'accounts'> & Partial<Pick<OwnStore, 'users'>>;

/** Logs in at Asterisk as a server does, and listens for a moment. Nothing changes there. */
export async function inspectAsterisk(
  { asterisk, agents }: Settings,
  store: Users,
  listenMs = LISTEN_MS,
): Promise<readonly Inspection[]> {
  const server = `Asterisk at ${asterisk.host}:${asterisk.port}`;
  const heard = await listen(asterisk, listenMs);
  const unknown = await inspectAgents(agents, store);
  if ('reason' in heard)
    return [problem(SUBJECT, `${server}: ${heard.reason}`, adviceFor(heard)), ...unknown];
  return [
    ok(SUBJECT, `${server} takes the login (manager interface ${heard.version})`),
    ...inspectRights(server, asterisk.user, heard.actions),
    await inspectTelephones(heard.telephones, agents, store),
    ...unknown,
  ];
}

async function listen(address: AsteriskAddress, listenMs: number): Promise<Heard | SessionEnd> {
  const loggedIn = Promise.withResolvers<string>();
  const asked = Promise.withResolvers<ManagerMessage | undefined>();
  const telephones = new Set<string>();
  const session = new ManagerSession(address, {
    loggedIn: loggedIn.resolve,
    take(event) {
      const telephone = telephoneOf(event);
      if (telephone !== '' && telephones.size < MOST_NAMED) telephones.add(telephone);
    },
    answered: (message) => asked.resolve(headerOf(message, 'Response') === 'Success' ? message : undefined),
  });
  try {
    const version = await Promise.race([loggedIn.promise, session.ended]);
    if (typeof version !== 'string') return version;
    session.send('ListCommands');
    const ended = await Promise.race([session.ended, pause(listenMs)]);
    if (ended !== undefined) return ended;
    return { version, actions: await Promise.race([asked.promise, Promise.resolve(undefined)]), telephones };
  } finally {
    session.close();
  }
}

/** A telephone that rings, calls, or changes its state. */
function telephoneOf(event: ManagerMessage): string {
  const [, device = ''] = /^(?!Local|Queue|Custom)\w+\/(.+)$/.exec(headerOf(event, 'Device')) ?? [];
  const channel = headerOf(event, 'DestChannel') || headerOf(event, 'Channel');
  return device !== '' || isLocal(channel) ? device : extensionOf(channel);
}

function adviceFor({ isRefused, reason }: SessionEnd): string {
  if (isRefused)
    return 'correct user and secret in asterisk, and see that permit of the manager user has the address of this machine';
  return /CERT|SIGNED|ALTNAME|TLS|SSL/.test(reason)
    ? 'give Asterisk a certificate of an authority that this machine trusts, name its own authority in NODE_EXTRA_CA_CERTS, or add ?tls=unchecked'
    : 'start it, or correct host and port in asterisk; in manager.conf enabled = yes and bindaddr must let this machine in';
}

/** @param actions by their names, as Asterisk lists what the user may do */
function inspectRights(
  server: string,
  user: string,
  actions: ManagerMessage | undefined,
): readonly Inspection[] {
  const harmful = HARMFUL.filter((action) => actions?.has(action));
  if (harmful.length === 0) return [];
  return [
    advise(
      SUBJECT,
      `the manager user ${user} of ${server} may do more than listen: ${harmful.join(', ')}`,
      'set its write to nothing in manager.conf: callercard needs read = call alone',
    ),
  ];
}

async function inspectTelephones(
  telephones: ReadonlySet<string>,
  agents: readonly AgentExtension[],
  store: Users,
): Promise<Inspection> {
  if (telephones.size === 0)
    return ok(
      SUBJECT,
      'no call came meanwhile; with one, this names telephones and their users (read = call)',
    );
  const found = await Promise.all([...telephones].sort().map((one) => describe(one, agents, store)));
  return ok(SUBJECT, `heard of ${found.join(', ')}`);
}

async function describe(telephone: string, agents: readonly AgentExtension[], { accounts }: Users) {
  const user =
    agents.find(({ extension }) => extension === telephone)?.user ??
    (await accounts.readNameByExtension?.(telephone)) ??
    (await nameOf(accounts, telephone));
  return user === undefined ? `${telephone} (no user)` : `${telephone} (${user})`;
}

async function nameOf(accounts: AccountStore, name: string): Promise<string | undefined> {
  const { account } = await accounts.read(name);
  return account?.active === true ? account.name : undefined;
}

/** Whom the setting names, and who has a telephone of his own. */
async function inspectAgents(
  agents: readonly AgentExtension[],
  store: Users,
): Promise<readonly Inspection[]> {
  const missing: string[] = [];
  for (const { extension, user } of agents)
    if ((await nameOf(store.accounts, user)) === undefined) missing.push(`${user} (${extension})`);
  const own = (await store.users?.list())?.filter(({ extension }) => extension !== undefined).length ?? 0;
  const named = agents.length - missing.length;
  return [
    ...(missing.length === 0
      ? []
      : [
          advise(
            'agents',
            `names users that are not there or are disabled: ${missing.join(', ')}`,
            'correct the setting; until then nothing opens when these telephones ring',
          ),
        ]),
    named + own > 0
      ? ok('agents', `${named} telephones have a user by the setting, ${own} by user set --extension`)
      : advise(
          'agents',
          'no telephone has a user; only users whose names are extensions get calls',
          'name them in agents (1001=ana), or with "callercard user set NAME --extension 1001"',
        ),
  ];
}
