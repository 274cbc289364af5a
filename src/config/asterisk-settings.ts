import type { Parsed } from '../core/problem.ts';
import { decode, maskPassword, readServer } from './addresses.ts';
import { list } from './read-value.ts';

/** The manager interface of an Asterisk, and as whom to log in there. */
export interface AsteriskAddress {
  readonly host: string;
  readonly port: number;
  /** `unchecked`: encrypted, whatever certificate the server has. */
  readonly tls: 'off' | 'on' | 'unchecked';
  readonly user: string;
  readonly secret: string;
}

/** Who has a telephone. */
export interface AgentExtension {
  readonly extension: string;
  readonly user: string;
}

const FORM = 'ami://USER:SECRET@HOST:5038';
const PORTS = { ami: 5038, amis: 5039 } as const;

/** `ami[s]://USER:SECRET@HOST[:PORT][?tls=unchecked]`, or nothing. By hand, as people write `@` and `/` in secrets. */
function parseAsterisk(text: string): Parsed<AsteriskAddress | undefined> {
  if (text === '') return { value: undefined };
  const [, scheme, credentials, hostAndPort = '', query] =
    /^(amis?):\/\/(?:(.*)@)?([^@/?]*)\/?(?:\?([^@/?]*))?$/s.exec(text) ?? [];
  if (scheme !== 'ami' && scheme !== 'amis')
    return { fault: `must be ${FORM}, amis:// with TLS, or nothing` };
  const account = readAccount(credentials ?? '');
  if ('fault' in account) return account;
  const server = readServer(hostAndPort, PORTS[scheme]);
  if (server === undefined)
    return { fault: `names a host that is none (${JSON.stringify(hostAndPort)}); write ${FORM}` };
  if (query !== undefined && (query !== 'tls=unchecked' || scheme === 'ami'))
    return { fault: 'has something behind its ?: only tls=unchecked may stand there, after amis://' };
  const tls = scheme === 'ami' ? 'off' : query === undefined ? 'on' : 'unchecked';
  return { value: { ...server, tls, ...account.value } };
}

function readAccount(credentials: string): Parsed<Pick<AsteriskAddress, 'user' | 'secret'>> {
  const [name = '', ...rest] = credentials.split(':');
  const [user, secret] = [decode(name), decode(rest.join(':'))];
  if (user === undefined || secret === undefined)
    return { fault: 'has a % in the user or secret that is no percent-encoding; write % as %25' };
  if (user === '' || secret === '') return { fault: `names no user with its secret; write ${FORM}` };
  // Each is a line of the protocol.
  return /\p{Cc}/u.test(user + secret)
    ? { fault: 'has a control character in the user or secret' }
    : { value: { user, secret } };
}

function parseAgent(text: string): Parsed<AgentExtension> {
  const [, extension = '', user = ''] = /^([^\s=]{1,64}) *= *(\S.*)$/.exec(text) ?? [];
  if (extension === '' || Buffer.byteLength(user) > 64) return { fault: 'is not EXTENSION=USER (1001=ana)' };
  return { value: { extension, user } };
}

function parseAgents(text: string): Parsed<readonly AgentExtension[]> {
  const agents = list(text, parseAgent);
  if ('fault' in agents) return agents;
  const extensions = agents.value.map(({ extension }) => extension);
  const twice = extensions.find((extension, at) => extensions.indexOf(extension) !== at);
  return twice === undefined ? agents : { fault: `names ${JSON.stringify(twice)} twice` };
}

/** Where calls are reported from by themselves. */
export const ASTERISK_SETTINGS = {
  asterisk: {
    perDomain: true,
    form: FORM,
    byDefault: '',
    help: 'The manager interface of an Asterisk or FreePBX whose calls open the cards of the agents at whom they ring: a manager user with `read = call` and an empty `write`. `amis://` with TLS (port 5039), which checks the certificate; `?tls=unchecked` behind it only encrypts.',
    parse: parseAsterisk,
    show: maskPassword,
  },
  agents: {
    perDomain: true,
    form: 'EXTENSION=USER, separated by commas',
    byDefault: '',
    takesObject: true,
    help: 'Which user has which telephone (`1001=ana,1002=luis`; in the config file also an object, `{"1001": "ana"}`). An extension that is not named here is that of the user who has it by `user set --extension`, else of the user whose name it is.',
    parse: parseAgents,
  },
} as const;
