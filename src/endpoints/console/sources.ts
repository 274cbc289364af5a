import type { Inspection } from '../../core/store.ts';
import type { TrafficHistory } from '../../observe/traffic-history.ts';

/** What the console shows beside what the domain's services answer; each is asked by the name of the domain. */
export interface ConsoleSources {
  readonly traffic: Pick<TrafficHistory, 'of'>;
  readonly attention: {
    /** What is known now; it is looked for again where that is old, or somebody wants it. */
    readonly of: (domain: string, wanted?: boolean) => AttentionFound;
  };
  /** Its settings, secrets masked. */
  readonly settings: (domain: string) => readonly SettingShown[];
}

export interface SettingShown {
  readonly name: string;
  readonly value: string;
  /** Where it is from. */
  readonly source: string;
  /** Whether another value counts once the settings are read again, and not only at the next start. */
  readonly isReloaded: boolean;
}

/** What needs somebody's attention in a domain. */
export interface AttentionFound {
  /** When it was looked for, in milliseconds of the wall clock; undefined: not yet. */
  readonly at: number | undefined;
  readonly isRunning: boolean;
  readonly found: readonly Inspection[];
}
