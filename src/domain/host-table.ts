import { BoundedMap } from '../core/bounded-map.ts';
import { readHostName } from '../config/host-name.ts';
import type { DomainConfig } from '../config/settings.ts';

/** So many spellings of hosts are remembered: case and port make many of one. */
const SPELLINGS = 1_000;

/** Finds who serves a host. */
export interface HostTable<Served> {
  /**
   * @param host as it was sent; undefined: none was, which is as a host that no domain names
   * @returns undefined when nobody serves it; `no host` when it is none
   */
  readonly find: (host: string | undefined) => Served | undefined | 'no host';
}

export function createHostTable<Served extends { readonly config: DomainConfig }>(
  domains: readonly Served[],
): HostTable<Served> {
  const byName = new Map<string, Served>();
  let fallback: Served | undefined;
  for (const served of domains) {
    for (const host of served.config.hosts) byName.set(host, served);
    if (served.config.isFallback) fallback = served;
  }
  // Hosts are the same all day; what strangers make up is forgotten again.
  const bySpelling = new BoundedMap<string, Served>(SPELLINGS);

  return {
    find(host) {
      if (host === undefined) return fallback;
      const known = bySpelling.get(host);
      if (known !== undefined) return known;
      const name = readHostName(host);
      if (name === undefined) return 'no host';
      const served = byName.get(name) ?? fallback;
      if (served !== undefined) bySpelling.set(host, served);
      return served;
    },
  };
}
