import type { CallState, Direction } from './reported-call.ts';

/** A call at an agent of a dialer, or a lead that the agent looks at before it is dialed (preview). */
export interface FloorCall {
  /** The agent's user name. */
  readonly agent: string;
  /** The dialer's own id of the call; undefined: a preview. */
  readonly callId: string | undefined;
  readonly state: Exclude<CallState, 'ended'>;
  readonly direction: Direction;
  readonly phone?: string | undefined;
  readonly leadId?: number | undefined;
  /** The in-group or the campaign. */
  readonly line?: string | undefined;
  /** For how long it has been so, by the dialer's clock: milliseconds; undefined: not known. */
  readonly ageMs?: number | undefined;
  /** The agent's screen has not been heard of for a while: whether the call is there still is not known. */
  readonly isStale: boolean;
}

/** Every call at an agent at one moment. */
export type FloorSnapshot = readonly FloorCall[];

/** What happens on the floor of a dialer, which one process of all reads at a time. */
export interface Floor {
  /**
   * Reads it, and enters it first where nobody has: from then on no other process can, until this one leaves, or its connection
   * is lost. Not to be called before the last answer. Rejects where the dialer cannot be asked.
   *
   * @returns `elsewhere`: another process reads it; `denied`: our account may not
   */
  read(): Promise<FloorSnapshot | 'elsewhere' | 'denied'>;
  /** Lets another process read it. Never rejects. */
  leave(): Promise<void>;
}
