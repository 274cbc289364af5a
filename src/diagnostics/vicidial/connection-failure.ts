import type { MariadbAddress } from '../../config/addresses.ts';
import { DatabaseFailure } from '../../stores/network/failure.ts';

/** In words for the operator. */
type Explanation = readonly [why: string, advice: string];

/** By the code of the server, the system or the TLS library, or by the kind of failure of a statement. */
function explanations({ user, database }: MariadbAddress): Readonly<Record<string, Explanation>> {
  return {
    ECONNREFUSED: [
      'nothing listens at this address and port',
      'correct host and port in database, start the server, or look at its bind-address and skip-networking',
    ],
    'ER_CONNECTION_TIMEOUT ETIMEDOUT EHOSTUNREACH ENETUNREACH': [
      'no connection within half a second',
      'look whether the server runs and whether a firewall between here and there lets its port through',
    ],
    'ENOTFOUND EAI_AGAIN': [
      'the name of the host is not known here',
      'correct the host in database, or use its address',
    ],
    'ER_ACCESS_DENIED_ERROR ER_ACCESS_DENIED_NO_PASSWORD_ERROR': [
      `the account ${user} was refused: its password is another, it may not come from this machine, or it must use TLS`,
      `correct user and password in database (or databasePasswordFile); on the server, SELECT user, host FROM mysql.user WHERE user = '${user.replaceAll("'", "''")}' tells from where it may come`,
    ],
    ER_BAD_DB_ERROR: [
      `there is no database ${database}`,
      "name the dialer's database at the end of database; it usually is asterisk",
    ],
    ER_DBACCESS_DENIED_ERROR: [
      `the account ${user} has no right in the database ${database}, or there is none of this name`,
      `give it the right to read, beginning with GRANT SELECT ON \`${database}\`.\`vicidial_list\` TO the account, and check again`,
    ],
    'ER_CON_COUNT_ERROR ER_TOO_MANY_USER_CONNECTIONS ER_USER_LIMIT_REACHED': [
      'the server has no connection left',
      'raise max_connections on the server, or lower databaseConnections here',
    ],
    'ER_HOST_NOT_PRIVILEGED ER_HOST_IS_BLOCKED': [
      'the server takes no connection from this machine',
      "make an account that may come from this machine's address, or run mariadb-admin flush-hosts if the server blocked it",
    ],
    ER_SERVER_SSL_DISABLED: [
      'databaseTls asks for TLS and the server has none',
      'give the server ssl_cert and ssl_key, or set databaseTls to off on a network of your own',
    ],
    ER_SECURE_TRANSPORT_REQUIRED: ['the server wants TLS', 'set databaseTls to on'],
    certificate: [
      "the server's certificate is not trusted, is out of date or is for another name",
      'set databaseCa to the certificate of the authority that signed it, and name the host in database as the certificate does',
    ],
    'not ready': [
      'the server answers, but is not in step with its cluster',
      "look at the cluster's state (SHOW STATUS LIKE 'wsrep_%') and the server's log",
    ],
    slow: [
      'the server did not do it within its time, and it was given up',
      'check again when the dialer is quiet',
    ],
    busy: ['the server is busy', 'check again when the dialer is quiet'],
    silent: ['the server stopped answering', 'look at the server and its log, and check again'],
    lost: ['the connection ended', 'look at the server and its log, and check again'],
  };
}

/** OpenSSL's many names for one trouble. */
const CERTIFICATE = /CERT|SELF_SIGNED|VERIFY|ISSUER|ALTNAME/;

/** The server's own text stays out where it may quote a statement. */
export function explainFailure(cause: unknown, address: MariadbAddress): Explanation {
  if (!(cause instanceof DatabaseFailure)) throw cause;
  const { code = 'unknown failure', kind, message } = cause;
  const isUnreachable = kind === 'unreachable';
  const isTls = CERTIFICATE.test(code) || (isUnreachable && /certificate/i.test(message));
  const reason = isTls ? 'certificate' : isUnreachable ? code : kind;
  const known = Object.entries(explanations(address)).find(
    ([reasons]) => reasons === reason || reasons.split(' ').includes(reason),
  );
  return (
    known?.[1] ?? [
      `the server says ${code}`,
      "look this code up in the server's documentation (https://mariadb.com/kb/en/mariadb-error-codes/)",
    ]
  );
}
