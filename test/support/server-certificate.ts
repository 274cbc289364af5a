import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';

import { findProgram, skipWithout } from './programs.ts';
import { temporaryFolder } from './test-app.ts';

const openssl = findProgram('openssl');

/** Why tests with a certificate of their own are skipped; false where they run. */
export const certificateSkip = skipWithout('openssl', openssl !== undefined, 'openssl');

/** Makes a certificate for 127.0.0.1 that nobody else trusts, readable for a server that runs as another user. */
export function makeCertificate(): { readonly key: string; readonly certificate: string } {
  const folder = temporaryFolder();
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=dialer', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(
    openssl ?? 'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      ...subject,
      '-keyout',
      key,
      '-out',
      certificate,
    ],
    { stdio: 'ignore' },
  );
  chmodSync(folder, 0o755);
  chmodSync(key, 0o644);
  return { key, certificate };
}
