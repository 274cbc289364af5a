/** What an agent does at a moment. */
export const AGENT_STATES = ['ready', 'ringing', 'in call', 'disposition', 'paused'] as const;
export type AgentState = (typeof AGENT_STATES)[number];

/** An agent at this moment, as far as the store knows. */
export interface LiveAgent {
  readonly state: AgentState;
  /** Why the agent is paused, in the dialer's code. */
  readonly pauseCode?: string;
  /** With whom the agent speaks, has just spoken, or is about to. */
  readonly leadId?: number;
  /** The number of the other side, while there is a call. */
  readonly phone?: string;
  readonly direction?: 'inbound' | 'outbound';
  /** The agent has dialled it, not the dialer. */
  readonly isManual?: boolean;
  readonly campaign?: { readonly id: string; readonly name: string };
  /** The agent's conference at the dialer, and the server that has it. */
  readonly session?: { readonly extension: string; readonly server: string };
}

/**
 * Reads what an agent does from what the store has besides calls that are kept here: a dialer's live tables. Rejects with StoreFailure.
 *
 * @param user the account's name
 * @returns undefined: the agent is not logged in; `denied`: our account may not read who is
 */
export type ReadLiveAgent = (user: string) => Promise<LiveAgent | 'denied' | undefined>;
