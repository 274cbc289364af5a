import type { DomainConfig } from '../../config/settings.ts';
import type { Clock } from '../../core/clock.ts';
import type { Floor } from '../../core/floor.ts';
import type { ReportCall } from '../../core/reported-call.ts';
import type { StoreEvent } from '../../core/store.ts';
import type { ConnectorKind } from '../run-connectors.ts';
import { startDialerPop } from './start-dialer-pop.ts';

export interface DialerPopPorts {
  /** Who is on which call at the dialer of a domain. */
  readonly openFloor: (domain: DomainConfig) => Floor;
  readonly reportCallOf: (domain: string) => ReportCall;
  /** Whether a card of the domain is open in this process. */
  readonly hasCards: (domain: string) => boolean;
  readonly log: (domain: string, event: StoreEvent) => void;
  readonly clock: Clock;
}

/** Domains whose store is a dialer's hear of its calls, unless they are told not to. */
export function dialerPop({ openFloor, reportCallOf, hasCards, log, clock }: DialerPopPorts): ConnectorKind {
  return {
    name: 'dialer',
    idOf({ config }) {
      const { database, databaseTls, databaseCa, databasePasswordFile } = config;
      if (database.engine !== 'mariadb' || config.dialerPop === 'off') return undefined;
      return JSON.stringify([database, databaseTls, databaseCa, databasePasswordFile]);
    },
    start: (domain) =>
      startDialerPop({
        floor: openFloor(domain),
        cardsOpen: () => hasCards(domain.name),
        report: reportCallOf(domain.name),
        log: (event) => log(domain.name, event),
        clock,
      }),
  };
}
