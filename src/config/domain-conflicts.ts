import { auditFolderOf } from './audit-folder.ts';
import type { DatabaseAddress } from './database-address.ts';
import type { DomainFound } from './domains.ts';
import { realPath } from './real-path.ts';

/**
 * What must not be the same in two domains: a host, the place of the leads, the memory of failed logins, the audit; nor
 * may two be the fallback. Where there are several, each must be reached by something.
 *
 * @param told takes the key, such as `domains.acme.hosts`, and the clause about it
 * @param faulty the keys about which something was told before
 */
export function findConflicts(
  domains: readonly DomainFound[],
  told: (key: string, fault: string) => void,
  faulty: ReadonlySet<string>,
): void {
  const owners = new Map<string, string>();
  /** Names the domain that came first with this. */
  const claim = (thing: string, name: string): string | undefined => {
    const owner = owners.get(thing);
    if (owner === undefined) owners.set(thing, name);
    return owner === name ? undefined : owner;
  };
  for (const { name, hosts, isFallback, config } of domains) {
    const key = `domains.${name}`;
    for (const host of hosts) {
      const owner = claim(`host ${host}`, name);
      if (owner !== undefined) told(`${key}.hosts`, `holds ${host}, which is a host of ${owner} already`);
    }
    const fallback = isFallback ? claim('fallback', name) : undefined;
    if (fallback !== undefined) told(`${key}.fallback`, `is true, and so is that of ${fallback}; one may be`);
    if (hosts.length === 0 && !isFallback && domains.length > 1 && !faulty.has(`${key}.hosts`)) {
      told(`${key}.hosts`, 'is missing: without a host nobody reaches this domain');
    }
    // Not there when it could not be read, which was told.
    const database = config.database as DatabaseAddress | undefined;
    if (database !== undefined)
      findSharedPlaces({ ...config, database }, key, (thing) => claim(thing, name), told);
  }
}

function findSharedPlaces(
  config: DomainFound['config'],
  key: string,
  claim: (thing: string) => string | undefined,
  told: (key: string, fault: string) => void,
): void {
  const { database } = config;
  const owner = placesOf(database)
    .map(claim)
    .find((found) => found !== undefined);
  if (owner !== undefined) told(`${key}.database`, `is that of ${owner}; domains share no leads and users`);
  const usesState = database.engine === 'mariadb';
  const other = usesState ? claim(`file ${realPath(config.stateFile)}`) : undefined;
  if (other !== undefined) told(`${key}.stateFile`, `is a file of ${other}; domains share none`);
  const audit = auditFolderOf(config);
  const auditor = audit === undefined ? undefined : claim(`folder ${realPath(audit)}`);
  // Where the stores are the same, so are the folders beside them, and that was told.
  if (auditor !== undefined && owner === undefined && other === undefined)
    told(`${key}.audit`, `is the folder of ${auditor}; domains share none`);
}

/** Each server of a cluster holds the same: one in common is enough. */
function placesOf(database: DatabaseAddress): readonly string[] {
  if (database.engine === 'sqlite') return [`file ${realPath(database.path)}`];
  return database.servers.map(
    ({ host, port }) => `server ${host.toLowerCase()}:${port}/${database.database}`,
  );
}
