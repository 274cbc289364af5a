import assert from 'node:assert/strict';

/** What no answer may hold, whatever was asked: SQL, stacks, paths, codes of the driver, hashes, product versions. */
const FORBIDDEN: readonly RegExp[] = [
  /\bSELECT\b.+\bFROM\b/i,
  /\bINSERT INTO\b/i,
  /SQLITE_|sqlite|ER_[A-Z_]+/,
  /\bat .+\.(?:ts|js):\d+/,
  /node_modules|\/src\/|\.db\b/,
  /\$argon2/,
  /fastify|FST_ERR/i,
  /node\.?js/i,
];

/** Planted where nobody may find them: the data set's passwords and those that tests try. */
export const SECRETS: readonly string[] = ['MyPass', 'Passw0rd', 'planted-secret'];

export function assertNothingLeaks({ headers, text }: { headers: object; text: string }): void {
  const whole = `${JSON.stringify(headers)}\n${text}`;
  for (const pattern of FORBIDDEN) assert.doesNotMatch(whole, pattern);
  for (const secret of SECRETS) assert.ok(!whole.includes(secret), `an answer holds the secret ${secret}`);
  assert.ok(!('server' in headers) && !('x-powered-by' in headers), 'an answer names its software');
}
