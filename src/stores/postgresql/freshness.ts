/** So old is at most what a replica shows, when it is asked. */
export const STALE_MS = 2_000;

/** How far the server that takes writes has come in its write-ahead log, which goes on with a new timeline after a promotion. */
export interface PrimaryPosition {
  readonly timeline: number;
  /** In bytes since the beginning. */
  readonly position: number;
}

/** The same of a replica, by what it has replayed. */
export interface ReplicaPosition extends PrimaryPosition {
  /** It follows another server. */
  readonly isStandby: boolean;
}

export type Freshness = ReturnType<typeof createFreshness>;

/**
 * Tells how old is what replicas show, without clocks of other machines: a replica that has replayed what the primary had written
 * at a moment shows all that was committed until then. Moments are those of performance.now().
 */
export function createFreshness() {
  let timeline = 0;
  let written: readonly { readonly at: number; readonly position: number }[] = [];

  return {
    /** @param at a moment before the primary was asked */
    notePrimary(at: number, now: PrimaryPosition): void {
      const before = now.timeline === timeline ? written : [];
      timeline = now.timeline;
      written = [...before.filter((one) => at - one.at <= STALE_MS), { at, position: now.position }];
    },
    /**
     * @returns the moment of which the replica shows everything; -Infinity: it does not follow this primary; undefined: it is
     *   behind all that is known
     */
    freshAsOf({ isStandby, timeline: its, position }: ReplicaPosition): number | undefined {
      if (!isStandby || its !== timeline) return -Infinity;
      return written.findLast((one) => one.position <= position)?.at;
    },
  };
}
