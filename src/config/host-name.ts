import { isIPv6 } from 'node:net';

const LONGEST_NAME = 253;
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/**
 * The one spelling of a host: lower case, without port and trailing dot, an IPv6 address in its short form. The same
 * function reads the hosts of the config file and those of requests, so that they can only be equal or different.
 *
 * @param text as in a Host header: `Acme.Example.net.:8080`, `[::1]`
 * @returns undefined when it is no host: user information, spaces, a bad port, an empty label
 */
export function readHostName(text: string): string | undefined {
  const [, host, port = ''] = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{0,5}))?$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) return undefined;
  if (host.startsWith('[')) return readIPv6(host);
  const name = host.toLowerCase().replace(/\.$/, '');
  return name.length <= LONGEST_NAME && name.split('.').every((label) => LABEL.test(label))
    ? name
    : undefined;
}

/** Written as the platform writes it: one address has many spellings. */
function readIPv6(literal: string): string | undefined {
  return isIPv6(literal.slice(1, -1)) ? new URL(`http://${literal}`).hostname : undefined;
}
