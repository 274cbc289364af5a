import { BoundedMap } from '../../core/bounded-map.ts';
import { type Clock, withDeadline } from '../../core/clock.ts';
import type { AgentExtension } from '../../config/asterisk-settings.ts';

/** A user who gets a telephone, or loses it, is noticed after this time at the latest. */
const FRESH_MS = 10_000;
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

/** Which agent has which extension: by the setting `agents`, else by the store. */
export function createAgentDirectory(
  agents: readonly AgentExtension[],
  find: FindAgent,
  clock: Clock,
): AgentDirectory {
  const named = new Map(agents.map(({ extension, user }) => [extension, user]));
  const known = new BoundedMap<string, { readonly user: string | undefined; readonly readAt: number }>(MOST);

  async function loadOne(extension: string): Promise<void> {
    const before = known.get(extension);
    if (before !== undefined && clock.monotonic() - before.readAt < FRESH_MS) return;
    const reading = withDeadline(find(extension), ANSWER_MS, new Error('the store does not answer'));
    const user = await reading.catch(() => before?.user);
    known.set(extension, { user, readAt: clock.monotonic() });
  }

  const isUnknown = (extension: string) =>
    extension !== '' && extension.length <= LONGEST && !named.has(extension);

  return {
    async load(extensions) {
      await Promise.all(extensions.filter(isUnknown).map(loadOne));
    },
    agentOf: (extension) => named.get(extension) ?? known.get(extension)?.user,
  };
}
