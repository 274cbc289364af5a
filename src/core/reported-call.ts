/** How far a call has come at one agent. */
export const CALL_STATES = ['ringing', 'answered', 'ended'] as const;
export type CallState = (typeof CALL_STATES)[number];

export const DIRECTIONS = ['inbound', 'outbound'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/**
 * What a telephone system says about a call at one agent: that it rings there, was answered there, or is over there. A call that
 * rings at several agents is reported for each of them. A report that comes twice, or late, changes nothing: a call does not go
 * back from `ended`.
 */
export interface ReportedCall {
  /** The system's own id of the call: the same in each report of it, and for each agent. */
  readonly callId: string;
  /** The agent's user name as the system or the setting `agents` writes it. */
  readonly agent: string;
  readonly state: CallState;
  readonly direction: Direction;
  /** The number of the other side, as the system writes it. With a lead it may be missing. */
  readonly phone?: string | undefined;
  readonly leadId?: number | undefined;
  /** Where it came in or goes out: a queue, a campaign, an in-group, a line. */
  readonly line?: string | undefined;
  /** When this happened, by the system: milliseconds since 1970, UTC; undefined: just now. */
  readonly at?: number | undefined;
  /** The agent's user name who has it, where it ended because somebody else answered. */
  readonly answeredBy?: string | undefined;
  /** With `ended`: how, in the system's word, such as `NOANSWER` or a disposition. */
  readonly outcome?: string | undefined;
}

/** Keeps a report and shows it on the agent's cards. Never rejects: what could not be kept is in the log. */
export type ReportCall = (call: ReportedCall) => Promise<void>;
