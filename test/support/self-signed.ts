import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { generate } from 'selfsigned';

import { temporaryFolder } from './test-app.ts';

/** A self-signed certificate with its key, in files. */
export interface SelfSigned {
  readonly tlsCert: string;
  readonly tlsKey: string;
  /** PEM, to be trusted by a client. */
  readonly pem: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Makes a certificate for 127.0.0.1, valid from yesterday on.
 *
 * @param days until it expires; negative: it has expired
 * @param folder where its files are put; those that are there are replaced
 */
export async function makeSelfSigned(days = 90, folder = temporaryFolder()): Promise<SelfSigned> {
  // Half an hour more, so that the number of whole days left is the one asked for.
  const notAfterDate = new Date(Date.now() + days * DAY_MS + 30 * 60 * 1000);
  const notBeforeDate = new Date(Math.min(Date.now(), notAfterDate.getTime()) - DAY_MS);
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'callercard test' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const [tlsCert, tlsKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(tlsCert, cert);
  writeFileSync(tlsKey, key, { mode: 0o600 });
  return { tlsCert, tlsKey, pem: cert };
}
