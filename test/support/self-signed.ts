import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryFolder } from './test-app.ts';

/** A certificate that nobody else trusts, with its key, in files. */
export interface SelfSigned {
  readonly tlsCert: string;
  readonly tlsKey: string;
  /** PEM, to be trusted by a client. */
  readonly pem: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Makes a certificate for 127.0.0.1 that counts from yesterday on.
 *
 * @param days until it expires; negative: it has expired
 * @param folder where its files are put, over those that are there
 */
export function makeSelfSigned(days = 90, folder = temporaryFolder()): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // Half an hour more, so that whole days are counted as they were meant.
  const until = new Date(Date.now() + days * DAY_MS + 30 * 60 * 1000);
  const from = new Date(Math.min(Date.now(), until.getTime()) - DAY_MS);
  const pem = pemOf(certificateOf(publicKey, privateKey, from, until));
  const [tlsCert, tlsKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(tlsCert, pem);
  writeFileSync(tlsKey, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return { tlsCert, tlsKey, pem };
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** An X.509 certificate of version 3, in DER. */
function certificateOf(publicKey: KeyObject, privateKey: KeyObject, from: Date, until: Date): Buffer {
  const ecdsaWithSha256 = sequence(der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
  const commonName = sequence(
    der(0x06, Buffer.from('550403', 'hex')),
    der(0x0c, Buffer.from('callercard test')),
  );
  const name = sequence(der(0x31, commonName));
  const address = der(0x30, der(0x87, Buffer.from([127, 0, 0, 1])));
  const alternativeName = sequence(der(0x06, Buffer.from('551d11', 'hex')), der(0x04, address));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    name,
    sequence(timeOf(from), timeOf(until)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(alternativeName)),
  );
  const signature = sign('sha256', body, privateKey);
  return sequence(body, ecdsaWithSha256, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

/** UTCTime, which ends in 2049. */
function timeOf(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
