import type { Asker } from '../../service/entrance.ts';

/**
 * Who asks, by the Authorization header: HTTP Basic with a user of the API, or a token as Bearer.
 *
 * @returns undefined: there is none, or none that can be read
 */
export function readAuthorization(header: string | undefined): Asker | undefined {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+) *$/.exec(header ?? '') ?? [];
  if (/^bearer$/i.test(scheme)) return { kind: 'token', secret: value };
  const pair = /^basic$/i.test(scheme) ? decode(value) : undefined;
  const colon = pair?.indexOf(':') ?? -1;
  if (pair === undefined || colon < 0) return undefined;
  return { kind: 'user', name: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

/** UTF-8 in base64; what is neither is nothing. */
function decode(base64: string): string | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}
