import type { PostgresqlAddress } from '../../config/addresses.ts';
import { StoreFailure } from '../../core/lead-store.ts';
import { StoreRefusal } from '../../core/store.ts';
import { DatabaseFailure } from '../../stores/network/failure.ts';

/** In words for the operator. */
type Explanation = readonly [why: string, advice: string];

/** By the code of the server, the system or the TLS library, or by the kind of failure of a statement. */
function explanations({ user, database, schema }: PostgresqlAddress): Readonly<Record<string, Explanation>> {
  return {
    ECONNREFUSED: [
      'nothing listens at this address and port',
      'correct host and port in database, start the server, or look at its listen_addresses',
    ],
    'ETIMEDOUT EHOSTUNREACH ENETUNREACH': [
      'no connection within a second',
      'look whether the server runs and whether a firewall between here and there lets its port through',
    ],
    'ENOTFOUND EAI_AGAIN': [
      'the name of the host is not known here',
      'correct the host in database, or use its address',
    ],
    '28P01 28000': [
      `the account ${user} was refused: its password is another, or pg_hba.conf does not let it in from this machine, or not without TLS`,
      'correct user and password in database (or databasePasswordFile), or the lines of pg_hba.conf on the server',
    ],
    '3D000': [
      `there is no database ${database}`,
      `CREATE DATABASE ${database} OWNER ${user} ENCODING 'UTF8'`,
    ],
    '53300': [
      'the server has no connection left',
      'raise max_connections on the server, or lower databaseConnections here',
    ],
    '57P03': ['the server is starting up', 'check again when it has started; its log says what it waits for'],
    '42501': [
      `the account ${user} lacks a right`,
      `GRANT CREATE ON DATABASE ${database} TO ${user}, or make the schema for it: CREATE SCHEMA ${schema} AUTHORIZATION ${user}`,
    ],
    certificate: [
      "the server's certificate is not trusted, is out of date or is for another name",
      'set databaseCa to the certificate of the authority that signed it, and name the host in database as the certificate does',
    ],
    slow: ['the server did not do it within its time, and it was given up', 'check again when it is quiet'],
    busy: ['the server is busy', 'check again when it is quiet'],
    silent: ['the server stopped answering', 'look at the server and its log, and check again'],
    lost: ['the connection ended', 'look at the server and its log, and check again'],
  };
}

/** OpenSSL's many names for one trouble. */
const CERTIFICATE = /CERT|SELF_SIGNED|VERIFY|ISSUER|ALTNAME/;
const NO_TLS: Explanation = [
  'TLS is asked for and the server has none',
  'give the server ssl=on with a certificate, or set databaseTls to off on a network of your own',
];

/** The server's own text stays out where it may quote a statement. */
export function explainFailure(failure: unknown, address: PostgresqlAddress): Explanation {
  const cause = failure instanceof StoreFailure ? failure.cause : failure;
  if (cause instanceof StoreRefusal)
    return [cause.message, 'until then its callers get 503; the schema stands behind ?schema= in database'];
  if (!(cause instanceof DatabaseFailure)) throw cause;
  const { code = 'unknown failure', kind, message } = cause;
  if (message.includes('does not support SSL')) return NO_TLS;
  const isTls = CERTIFICATE.test(code) || /certificate/i.test(message);
  const reasons = isTls ? ['certificate'] : [code, kind];
  for (const reason of reasons) {
    const known = Object.entries(explanations(address)).find(([codes]) => codes.split(' ').includes(reason));
    if (known !== undefined) return known[1];
  }
  return [
    `the server says ${code}`,
    'look this code up in https://www.postgresql.org/docs/current/errcodes-appendix.html',
  ];
}
