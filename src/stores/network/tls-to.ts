import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

import type { ServerAddress } from '../../config/addresses.ts';
import type { DatabaseLogin } from './login.ts';

/**
 * The options of TLS for a connector, whose certificate is checked for the host of the settings: it has our socket and no host, and
 * would look for `localhost`.
 */
export function tlsTo({ host }: ServerAddress, tls: NonNullable<DatabaseLogin['tls']>) {
  return {
    ...tls,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
      checkServerIdentity(host, certificate),
  };
}
