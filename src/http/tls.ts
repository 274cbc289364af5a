import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';

import type { Config, SettingName } from '../config/settings.ts';
import { whyUnreadable } from '../core/problem.ts';
import { LIMITS } from './limits.ts';
import { TlsRefusal } from './tls-refusal.ts';

/** A certificate and its key as they were read and found to fit: PEM. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads the certificate and the key that the configuration names. An expired certificate is no error.
 *
 * @returns undefined where it names none
 * @throws {TlsRefusal} they cannot be used
 */
export function readTls({ tlsCert, tlsKey }: Pick<Config, 'tlsCert' | 'tlsKey'>): Tls | undefined {
  if (tlsCert === '') return undefined;
  const tls = { cert: readNamedFile('tlsCert', tlsCert), key: readNamedFile('tlsKey', tlsKey) };
  const certificate = readCertificate(tls.cert, tlsCert);
  if (!certificate.checkPrivateKey(readKey(tls.key, tlsKey))) {
    throw new TlsRefusal(`the key ${tlsKey} does not belong to the certificate ${tlsCert}`);
  }
  try {
    createSecureContext(tlsOptions(tls));
  } catch (cause) {
    const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
    throw new TlsRefusal(`the certificate ${tlsCert} cannot be used (${code})`, { cause });
  }
  return tls;
}

/** When the certificate is valid. */
export function validityOf({ cert }: Tls): { readonly from: Date; readonly until: Date } {
  const { validFrom, validTo } = new X509Certificate(cert);
  return { from: new Date(validFrom), until: new Date(validTo) };
}

/** New connections get another certificate; open ones keep theirs. */
export function changeTls(server: object, tls: Tls): void {
  if ('setSecureContext' in server) (server as Server).setSecureContext(tlsOptions(tls));
}

/** HTTP/1.1 alone, TLS 1.2 or newer, Node's own choice of ciphers. */
export function tlsOptions({ cert, key }: Tls) {
  const { handshakeMs } = LIMITS;
  return {
    cert,
    key,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: handshakeMs,
  } as const;
}

function readNamedFile(setting: SettingName, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TlsRefusal(`the file ${path} of ${setting} ${whyUnreadable(cause)}`, { cause });
  }
}

function readCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new TlsRefusal(`the file ${path} of tlsCert holds no certificate in PEM`, { cause });
  }
}

function readKey(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    const hasPassphrase = (cause as NodeJS.ErrnoException).code === 'ERR_MISSING_PASSPHRASE';
    const fault = hasPassphrase
      ? 'is protected by a passphrase, which nobody is there to type; store it without one, readable by this user alone'
      : 'holds no private key in PEM';
    throw new TlsRefusal(`the file ${path} of tlsKey ${fault}`, { cause });
  }
}
