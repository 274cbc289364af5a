/** An IPv4 address, also as IPv6 writes it. */
const IPV4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i;
/** Of 16 bits each: the half of an IPv6 address that a provider gives to one customer. */
const NETWORK_GROUPS = 4;

/**
 * What counts as one address: an IPv4 address, or the network of an IPv6 address (64 bits), because whoever has one of its
 * addresses has all of them (RFC 6177).
 *
 * @param address as the network says; what is none stays as it is
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [, ipv4] = IPV4.exec(address) ?? [];
  if (ipv4 !== undefined) return ipv4;
  const [before = '', after] = address.split('::');
  const groups = groupsOf(before);
  // `::` stands for as many zeros as are missing.
  const zeros = after === undefined ? 0 : Math.max(0, 8 - groups.length - groupsOf(after).length);
  const all = [...groups, ...Array<string>(zeros).fill('0'), ...groupsOf(after ?? '')];
  return `${all
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}
