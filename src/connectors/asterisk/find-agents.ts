import { BoundedMap } from '../../core/bounded-map.ts';
import { type Clock, withDeadline } from '../../core/clock.ts';
import type { AgentExtension } from '../../config/asterisk-settings.ts';
import type { LogStoreEvent } from '../../core/store.ts';

/** A user who gets a telephone, or loses it, is noticed after this time at the latest. */
const FRESH_MS = 10_000;
/** Of a telephone that could not be read it is asked again after this time. */
const RETRY_MS = 1_000;
/** So long a call waits for a store. */
const ANSWER_MS = 1_000;
/** Extensions and callers' numbers that are known at a time. */
const MOST = 5_000;
/** What is longer is no extension. */
const LONGEST = 64;

/** The user name of the agent who has an extension, by the store. Rejects where it cannot be read. */
export type FindAgent = (extension: string) => Promise<string | undefined>;

export interface AgentDirectory {
  /** Reads what is not known of these extensions. Never rejects: where the store cannot be read, what was known before counts. */
  load(extensions: readonly string[]): Promise<void>;
  /** As it was read last; undefined: nobody has it. */
  agentOf(extension: string): string | undefined;
}

/** Which agent has which extension: by the setting `agents`, else by the store. @param log hears that the store cannot be read */
export function createAgentDirectory(
  agents: readonly AgentExtension[],
  find: FindAgent,
  clock: Clock,
  log: LogStoreEvent,
): AgentDirectory {
  const named = new Map(agents.map(({ extension, user }) => [extension, user]));
  const known = new BoundedMap<string, { readonly user: string | undefined; readonly until: number }>(MOST);
  const trouble = createTrouble(log);

  /** @returns undefined: it was known, and the store was not asked */
  async function loadOne(extension: string): Promise<{ readonly failure?: unknown } | undefined> {
    const before = known.get(extension);
    if (before !== undefined && clock.monotonic() < before.until) return undefined;
    const reading = withDeadline(find(extension), ANSWER_MS, new Error('the store does not answer'));
    try {
      const user = await reading;
      known.set(extension, { user, until: clock.monotonic() + FRESH_MS });
      return {};
    } catch (failure) {
      known.set(extension, { user: before?.user, until: clock.monotonic() + RETRY_MS });
      return { failure };
    }
  }

  const isUnknown = (extension: string) =>
    extension !== '' && extension.length <= LONGEST && !named.has(extension);

  return {
    async load(extensions) {
      const asked = (await Promise.all(extensions.filter(isUnknown).map(loadOne))).filter(
        (one) => one !== undefined,
      );
      const failed = asked.find((one) => 'failure' in one);
      if (failed !== undefined) trouble.note(failed.failure);
      else if (asked.length > 0) trouble.isOver();
    },
    agentOf: (extension) => named.get(extension) ?? known.get(extension)?.user,
  };
}

/** Logs once that telephones cannot be read, and once that they can again. */
function createTrouble(log: LogStoreEvent) {
  let isThere = false;
  return {
    note(cause: unknown): void {
      if (!isThere)
        log({
          level: 'warn',
          message:
            'the telephones of agents cannot be read: cards open only for agents whose telephone is known already, or stands in the setting agents',
          cause,
        });
      isThere = true;
    },
    isOver(): void {
      if (isThere) log({ level: 'info', message: 'the telephones of agents can be read again' });
      isThere = false;
    },
  };
}
