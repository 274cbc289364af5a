import type { MariadbAddress } from '../../config/addresses.ts';
import { DialerFailureError, type FailureKind } from '../../stores/vicidial/failure.ts';

/** Why something could not be had, in words for the operator, and what to do. */
export interface Explanation {
  readonly why: string;
  readonly advice: string;
}

type Explain = (address: MariadbAddress) => Explanation;

const NOT_THERE: Explain = () => ({
  why: 'nothing listens at this address and port',
  advice:
    'correct host and port in database, start the server, or look at its bind-address and skip-networking',
});
const NO_WAY: Explain = () => ({
  why: 'no connection within half a second',
  advice: 'look whether the server runs and whether a firewall between here and there lets its port through',
});
const UNKNOWN_HOST: Explain = () => ({
  why: 'the name of the host is not known here',
  advice: 'correct the host in database, or use its address',
});
const REFUSED_ACCOUNT: Explain = ({ user }) => ({
  why: `the account ${user} was refused: its password is another, it may not come from this machine, or it must use TLS`,
  advice: `correct user and password in database (or databasePasswordFile); on the server, SELECT user, host FROM mysql.user WHERE user = '${user.replaceAll("'", "''")}' tells from where it may come`,
});
const NO_DATABASE: Explain = ({ database }) => ({
  why: `there is no database ${database}`,
  advice: "name the dialer's database at the end of database; it usually is asterisk",
});
const CLOSED_DATABASE: Explain = ({ user, database }) => ({
  why: `the account ${user} has no right in the database ${database}, or there is none of this name`,
  advice: `give it the right to read, beginning with GRANT SELECT ON \`${database}\`.\`vicidial_list\` TO the account, and check again`,
});
const TOO_MANY: Explain = () => ({
  why: 'the server has no connection left',
  advice: 'raise max_connections on the server, or lower databaseConnections here',
});
const HOST_REFUSED: Explain = () => ({
  why: 'the server takes no connection from this machine',
  advice:
    "make an account that may come from this machine's address, or run mariadb-admin flush-hosts if the server blocked it",
});
const NO_TLS: Explain = () => ({
  why: 'databaseTls asks for TLS and the server has none',
  advice: 'give the server ssl_cert and ssl_key, or set databaseTls to off on a network of your own',
});
const TLS_WANTED: Explain = () => ({
  why: 'the server wants TLS',
  advice: 'set databaseTls to on',
});
const UNTRUSTED: Explain = () => ({
  why: "the server's certificate is not trusted, is out of date or is for another name",
  advice:
    'set databaseCa to the certificate of the authority that signed it, and name the host in database as the certificate does',
});

/** By the server's, the system's or the TLS library's own code. */
const BY_CODE: Readonly<Record<string, Explain>> = {
  ECONNREFUSED: NOT_THERE,
  ENOTFOUND: UNKNOWN_HOST,
  EAI_AGAIN: UNKNOWN_HOST,
  ER_CONNECTION_TIMEOUT: NO_WAY,
  ETIMEDOUT: NO_WAY,
  EHOSTUNREACH: NO_WAY,
  ENETUNREACH: NO_WAY,
  ER_ACCESS_DENIED_ERROR: REFUSED_ACCOUNT,
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: REFUSED_ACCOUNT,
  ER_DBACCESS_DENIED_ERROR: CLOSED_DATABASE,
  ER_BAD_DB_ERROR: NO_DATABASE,
  ER_CON_COUNT_ERROR: TOO_MANY,
  ER_TOO_MANY_USER_CONNECTIONS: TOO_MANY,
  ER_USER_LIMIT_REACHED: TOO_MANY,
  ER_HOST_NOT_PRIVILEGED: HOST_REFUSED,
  ER_HOST_IS_BLOCKED: HOST_REFUSED,
  ER_SERVER_SSL_DISABLED: NO_TLS,
  ER_SECURE_TRANSPORT_REQUIRED: TLS_WANTED,
};

/** OpenSSL's many names for one trouble. */
const CERTIFICATE = /CERT|SELF_SIGNED|VERIFY|ISSUER|ALTNAME/;

const BY_KIND: Readonly<Partial<Record<FailureKind, Explanation>>> = {
  'not ready': {
    why: 'the server answers, but is not in step with its cluster',
    advice: "look at the cluster's state (SHOW STATUS LIKE 'wsrep_%') and the server's log",
  },
  slow: {
    why: 'the server did not do it within its time, and it was given up',
    advice: 'check again when the dialer is quiet',
  },
  busy: { why: 'the server is busy', advice: 'check again when the dialer is quiet' },
  silent: { why: 'the server stopped answering', advice: 'look at the server and its log, and check again' },
  lost: { why: 'the connection ended', advice: 'look at the server and its log, and check again' },
};

/** The server's own text stays out where it may quote a statement. */
export function explainFailure(cause: unknown, address: MariadbAddress): Explanation {
  if (!(cause instanceof DialerFailureError)) throw cause;
  const { code = 'unknown failure', kind } = cause;
  const isTls = CERTIFICATE.test(code) || /certificate/i.test(kind === 'unreachable' ? cause.message : '');
  const known = isTls ? UNTRUSTED : kind === 'unreachable' ? BY_CODE[code] : undefined;
  return (
    known?.(address) ??
    BY_KIND[kind] ?? {
      why: `the server says ${code}`,
      advice:
        "look this code up in the server's documentation (https://mariadb.com/kb/en/mariadb-error-codes/)",
    }
  );
}
