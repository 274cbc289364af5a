import type { Call, CallTarget } from './call.ts';

/** A user's last call is shown again for so long: a shift. */
export const LAST_CALL_MS = 8 * 3_600_000;

/** What brings calls to the other processes of an installation, and theirs to this one. */
export interface CallChannel {
  /** Passes a call on. Never throws: the cards of this process have it already. */
  publish(call: Call): void;
  /** The last call that any process was told of; `no answer`: that cannot be known now. */
  readLast(target: CallTarget): Promise<Call | 'nothing' | 'no answer'>;
  close(): Promise<void>;
}

/** What a channel tells the process it works for. */
export interface ChannelListener {
  /** A call came, this process' own among them. */
  onCall(call: Call): void;
  /** Calls may have been missed until now. */
  onConnected(): void;
}

export type OpenChannel = (listener: ChannelListener) => CallChannel;
