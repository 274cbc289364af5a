import type { CallState, Direction } from './reported-call.ts';

/** So many entries of a lead are read of each log. */
export const MOST_HISTORY = 1_000;

/** A call with a lead, as its dialer keeps it: what `KeptCall` is of a call that is kept here. Times are milliseconds since 1970, UTC. */
export interface DialerCall {
  readonly type: 'call';
  /** 12 characters, made of the dialer's own id. */
  readonly callId: string;
  readonly source: 'dialer';
  /** The dialer's own id: `uniqueid` of a call out, `closecallid` of one in. */
  readonly sourceCallId: string;
  /** Nobody's here. */
  readonly account: '';
  /** Empty: no agent had it. */
  readonly user: string;
  readonly leadId: number;
  readonly at: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly state: CallState;
  readonly direction: Direction;
  /** The number that was called, or that called. */
  readonly phone?: string;
  /** The campaign or the in-group. */
  readonly line?: string;
  /** Its disposition: by the name that the dialer shows for it, else the code. */
  readonly outcome?: string;
}

/** What an agent noted of a call. */
export interface DialerNote {
  readonly type: 'note';
  readonly noteId: number;
  readonly at: number;
  /** Of the call that it is about; empty: that is not known. */
  readonly user: string;
  readonly endpoint: 'dialer';
  readonly text: string;
}

/** That somebody is to call again. */
export interface DialerCallback {
  readonly type: 'callback';
  readonly callbackId: number;
  /** When it was agreed. */
  readonly at: number;
  /** When to call. */
  readonly due?: number;
  /** The dialer's word: `ACTIVE` is to come, `LIVE` is due. */
  readonly status: string;
  /** Who is to call; undefined: anyone. */
  readonly user?: string;
  readonly text?: string;
}

export type DialerHappening = DialerCall | DialerNote | DialerCallback;

/** What a dialer keeps of a lead's past, as far as our account may read it and somebody may see it. */
export interface LeadHistory {
  /** The newest first, as many as were asked for at least, where there are so many. */
  readonly entries: readonly DialerHappening[];
  /** How many there are, and how many of them are calls; of each log MOST_HISTORY are counted. */
  readonly total: number;
  readonly calls: number;
  /** The number is on the list of those that nobody calls, or on that of the lead's campaign, which is named. */
  readonly doNotCall?: 'everywhere' | { readonly campaign: string };
}
