import { differingSettings, isPerDomain } from '../config/domains.ts';
import { readHostName } from '../config/addresses.ts';
import type { DomainConfig, SettingName } from '../config/settings.ts';
import { BoundedMap } from '../core/bounded-map.ts';
import type { Domain } from './domain.ts';

/** Who reaches a domain, and how, telephone systems among them, and what is shown first: these say nothing about its store. */
const REACH = [
  ...(['corsOrigins', 'popOrigins', 'queryCredentials', 'cardFields'] as const),
  ...(['asterisk', 'agents'] as const),
] satisfies readonly SettingName[];

/** The domains, each with the configuration that counts for it, by name. */
export type Entries = ReadonlyMap<string, { readonly config: DomainConfig; readonly domain: Domain }>;

/** What a new configuration did, by the domains' names. */
export interface DomainChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Where nothing changed but who reaches it, a domain stays, with its store and its callers' state. */
export function nextEntries(
  before: Entries,
  configs: readonly DomainConfig[],
  build: (config: DomainConfig) => Domain,
): Entries {
  return new Map(
    configs.map((config) => {
      const old = before.get(config.name);
      const goesOn = old !== undefined && isSameStore(old.config, config);
      return [config.name, { config, domain: goesOn ? old.domain : build(config) }];
    }),
  );
}

export function changesOf(before: Entries, next: Entries): DomainChanges {
  const isChanged = (name: string, config: DomainConfig) => {
    const old = before.get(name)?.config;
    return old !== undefined && !(isSameStore(old, config) && isSameReach(old, config));
  };
  return {
    added: [...next.keys()].filter((name) => !before.has(name)),
    changed: [...next].filter(([name, { config }]) => isChanged(name, config)).map(([name]) => name),
    removed: [...before.keys()].filter((name) => !next.has(name)),
  };
}

function isSameStore({ config: one }: DomainConfig, { config: other }: DomainConfig): boolean {
  const differing = differingSettings(one, other).filter(
    (name) => isPerDomain(name) && !REACH.some((other) => other === name),
  );
  return differing.length === 0 && one.chosenCountry === other.chosenCountry;
}

function isSameReach(one: DomainConfig, other: DomainConfig): boolean {
  const reachOf = ({ hosts, isFallback, config }: DomainConfig) =>
    JSON.stringify([hosts, isFallback, REACH.map((name) => config[name])]);
  return reachOf(one) === reachOf(other);
}

/** How many spellings of hosts are cached: case and port make many of one. */
const SPELLINGS = 1_000;

/**
 * Finds who serves a host.
 *
 * @returns as `DomainResolver.find`
 */
export function createFind<Served>(
  domains: readonly (readonly [config: DomainConfig, served: Served])[],
): (host: string | undefined) => Served | undefined | 'no host' {
  const byName = new Map<string, Served>();
  let fallback: Served | undefined;
  for (const [{ hosts, isFallback }, served] of domains) {
    for (const host of hosts) byName.set(host, served);
    if (isFallback) fallback = served;
  }
  // Hosts are the same all day; what strangers make up is forgotten again.
  const bySpelling = new BoundedMap<string, Served>(SPELLINGS);

  return (host) => {
    if (host === undefined) return fallback;
    const known = bySpelling.get(host);
    if (known !== undefined) return known;
    const name = readHostName(host);
    if (name === undefined) return 'no host';
    const served = byName.get(name) ?? fallback;
    if (served !== undefined) bySpelling.set(host, served);
    return served;
  };
}
