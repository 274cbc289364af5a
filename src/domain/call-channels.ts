import { domainsOf } from '../config/domains.ts';
import type { Config } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import type { DomainChannel } from '../events/domain-channels.ts';
import { openRelayChannel } from '../events/relay-channel.ts';
import { openStoreRelay } from '../stores/store-schemas.ts';

/** Writes a line of the log. */
type LogLine = (fields: object, message: string) => void;

export type CallLog = Readonly<Record<'info' | 'warn' | 'error', LogLine>>;

/** The channels of those domains whose stores several machines share: through their databases. */
export function callChannelsOf(
  config: Config,
  log: CallLog,
  clock: Clock,
): ReadonlyMap<string, DomainChannel> {
  const channels = new Map<string, DomainChannel>();
  for (const { name, config: ofDomain } of domainsOf(config)) {
    const naming = config.domains.length > 0 ? { domain: name } : {};
    const openRelay = openStoreRelay(ofDomain, ({ level, message, cause }) =>
      log[level]({ ...naming, err: cause }, message),
    );
    if (openRelay === undefined) continue;
    const open = openRelayChannel(
      openRelay,
      'PostgreSQL',
      ({ level, message, reason }) => log[level]({ ...naming, reason }, message),
      clock,
    );
    const { database, databaseDirect, databaseTls, databaseCa, databasePasswordFile } = ofDomain;
    const secrets = [databaseTls, databaseCa, databasePasswordFile];
    // All that the channel is opened by: where one of them changes, it is opened anew.
    const id = JSON.stringify([database, databaseDirect, ...secrets, ofDomain.defaultCountry]);
    channels.set(name, { id, open });
  }
  return channels;
}
