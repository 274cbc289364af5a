import assert from 'node:assert/strict';

/** SQL of both engines, and what is in none of our words otherwise: tables of ours and of a dialer. */
const SQL: readonly RegExp[] = [
  // `<select>` is a field of a page.
  /(?<!<)\bSELECT\s.+\bFROM\b/is,
  // `update` is a word of imports, too.
  /\bINSERT INTO\b|\bDELETE FROM\b|\bUPDATE\b.{1,100}\bSET\b|\bALTER TABLE\b|\bCREATE (?:TABLE|INDEX)\b/is,
  /\bWHERE\b.+(?:=|\bIN\b|\bLIKE\b)|\bUNION (?:ALL )?SELECT\b|\bPRAGMA \w/is,
  /\bvicidial_(?:list|users|user_groups|lists_fields)\b|\bgo_customers\b|\binformation_schema\b|\bsqlite_\w+/i,
];

/** Words and codes of databases and their drivers. */
const DATABASE: readonly RegExp[] = [
  /SQLITE_|\bER_[A-Z]{2,}[A-Z_]*\b|\bsqlState\b|\bsqlMessage\b|\berrno\b/,
  /You have an error in your SQL syntax|near ".*": syntax error|\bno such (?:table|column)\b|\bUnknown column\b/i,
  /\bAccess denied for user\b|\bDuplicate entry\b|\bdatabase (?:is locked|disk image)\b|\bGot an error reading\b/i,
];

const STACK = /\bat .+\.[cm]?[jt]s:\d+|\bnode:internal\/|\bfile:\/\/\//;
/** As argon2 and bcrypt write theirs. */
const HASH = /\$argon2(?:id|i|d)\b|\$2[abxy]\$\d\d\$/;

/** What no answer may hold, whatever was asked. */
const NEVER_ANSWERED: readonly RegExp[] = [
  ...SQL,
  ...DATABASE,
  STACK,
  HASH,
  /sqlite|mariadb|mysql/i,
  /\bE(?:CONN(?:REFUSED|RESET|ABORTED)|PIPE|TIMEDOUT|ACCES|NOENT|MFILE|HOSTUNREACH|ADDRINUSE)\b/,
  /\b(?:HPE|ERR|FST_ERR)_[A-Z]+|\b(?:Type|Range|Reference|Syntax|Sql|Assertion)Error\b/,
  /node_modules|\/src\/|\.db\b|(?:^|[\s"'(=:>])\/(?:etc|home|opt|proc|root|srv|tmp|usr|var|work)\//m,
  /fastify|node\.?js|llhttp/i,
];

/** Of the run-time's parts; each number by itself, wherever it stands. */
const VERSIONS: readonly string[] = [
  process.versions.node,
  process.versions.v8,
  process.versions.sqlite,
].filter((version) => version !== undefined);

/** Planted secrets: passwords of the data set, of tests and of database accounts. */
export const SECRETS: readonly string[] = ['MyPass', 'Passw0rd', 'planted-secret'];

/** Headers that software puts in to name itself. */
const NAMING_HEADERS = ['server', 'x-powered-by', 'via', 'x-runtime', 'x-backend-server'] as const;

/**
 * The one assertion about every answer of every test: no SQL, stack, path, code of a driver, version, hash or planted
 * secret, and no header that names the software. The action that an XML answer repeats is left out: it is what the caller
 * sent (contract, *Answers*).
 */
export function assertNothingLeaks({ headers, text }: { headers: object; text: string }): void {
  const whole = `${JSON.stringify(headers)}\n${withoutAction(text)}`;
  for (const pattern of NEVER_ANSWERED) assert.doesNotMatch(whole, pattern);
  for (const secret of SECRETS) assert.ok(!whole.includes(secret), `an answer holds the secret ${secret}`);
  for (const version of VERSIONS)
    assert.ok(!whole.includes(version), `an answer holds the version ${version}`);
  for (const name of NAMING_HEADERS) assert.ok(!(name in headers), `the header ${name} names the software`);
}

function withoutAction(text: string): string {
  return text.replace(/^(<\?xml [^>]*\?>\n<\w+ version="4\.0">\n) {2}<action>[^<]*<\/action>\n/, '$1');
}

/** What no log or audit may hold, at whatever level. Paths and causes are for the operator, and may be there. */
const NEVER_WRITTEN: readonly RegExp[] = [
  HASH,
  /\bSELECT\b.+\bFROM\b|\bINSERT INTO\b|\bUPDATE\b.+\bSET\b/i,
  /goPass=|"goPass"/,
];

/**
 * The same about what an app or a `serve` wrote, line by line.
 *
 * @param secrets what else was planted for this one
 */
export function assertNothingWritten(text: string, secrets: readonly string[] = []): void {
  for (const line of text.split('\n')) {
    for (const pattern of NEVER_WRITTEN) assert.doesNotMatch(line, pattern, 'a log or an output');
    // A cause in a log has its stack in one line; a bare one is an uncaught error.
    if (!line.startsWith('{')) assert.doesNotMatch(line, /^\s+at .+:\d+:\d+/, 'a bare stack');
    for (const secret of [...SECRETS, ...secrets]) {
      assert.ok(!line.includes(secret), `the secret ${secret} was written: ${line}`);
    }
  }
}
