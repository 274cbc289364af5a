import type { DomainConfig } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import type { Inspection } from '../core/store.ts';
import { runInspection } from './inspection-thread.ts';
import { withoutPlaces } from './without-places.ts';

/** What was found is shown this long before it is looked for again. */
const FRESH_MS = 15 * 60 * 1000;
/** Whoever wants it anew gets what was found so lately: a store, and a dialer, are read as a whole. */
const LEAST_MS = 60 * 1000;

/** What needs somebody's attention in a domain. */
export interface Attention {
  /** When it was looked for, in milliseconds of the wall clock; undefined: not yet. */
  readonly at: number | undefined;
  readonly isRunning: boolean;
  readonly found: readonly Inspection[];
}

interface Known {
  readonly at: number;
  readonly found: readonly Inspection[];
  /** By which it was found. */
  readonly config: DomainConfig['config'];
}

/** @param cause whatever was thrown */
export type OnFailedInspection = (domain: string, cause: unknown) => void;

export type AttentionSource = ReturnType<typeof createAttention>;

/**
 * Looks into domains as `callercard check` does, while requests are answered: when an admin asks, one domain at a time, and not
 * anew while what was found is fresh.
 *
 * @param domains as they are configured now
 * @param onFailure gets why a domain could not be inspected, once for each change of the cause
 */
export function createAttention(
  domains: () => readonly DomainConfig[],
  clock: Pick<Clock, 'wall'>,
  onFailure: OnFailedInspection,
  run = runInspection,
) {
  /** Bounded: by the names of domains that there are. What was found by other settings counts no more. */
  const known = new Map<string, Known>();
  /** By domain, why it could not be inspected last time. */
  const failures = new Map<string, string>();
  let running: string | undefined;

  function noteFailure(domain: string, cause: unknown): void {
    const text = String(cause);
    if (failures.get(domain) !== text) onFailure(domain, cause);
    failures.set(domain, text);
  }

  function forgetOthers(configured: readonly DomainConfig[]): void {
    const isGone = (name: string) => !configured.some((one) => one.name === name);
    for (const map of [known, failures]) for (const name of map.keys()) if (isGone(name)) map.delete(name);
  }

  async function look({ name, config }: DomainConfig, isAlone: boolean): Promise<void> {
    running = name;
    try {
      const found = await run({ config, isAlone });
      const shown = isAlone ? found : found.map((inspection) => withoutPlaces(inspection, config));
      known.set(name, { at: clock.wall(), found: shown, config });
      failures.delete(name);
    } catch (cause) {
      noteFailure(name, cause);
      known.set(name, { at: clock.wall(), found: [NOT_KNOWN], config });
    } finally {
      running = undefined;
    }
  }

  return {
    /** What is known now; it is looked for again where that is old, or somebody wants it. */
    of(domain: string, wanted = false): Attention {
      const configured = domains();
      forgetOthers(configured);
      const config = configured.find(({ name }) => name === domain);
      const before = known.get(domain);
      const last = before?.config === config?.config ? before : undefined;
      const age = last === undefined ? Infinity : Math.abs(clock.wall() - last.at);
      if (age >= (wanted ? LEAST_MS : FRESH_MS) && running === undefined && config !== undefined)
        void look(config, configured.length === 1);
      return { at: last?.at, isRunning: running === domain, found: last?.found ?? [] };
    },
  };
}

const NOT_KNOWN: Inspection = {
  level: 'problem',
  subject: 'check',
  message: 'the domain could not be inspected, so nothing is known of it now',
  advice: 'the log of the server says why; "callercard check" inspects it, too',
};
