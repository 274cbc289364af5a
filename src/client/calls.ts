import type { Ask } from './ask.ts';
import type { CallOptions } from './exchange.ts';
import type { PageOptions } from './resources.ts';

/** How far a call has come. */
export type CallState = 'ringing' | 'answered' | 'ended';

/** A call at an agent. Times are ISO 8601, UTC. */
export interface Call {
  readonly call: string;
  /** The agent. */
  readonly user: string;
  readonly state: CallState;
  readonly direction: 'inbound' | 'outbound' | null;
  readonly phone: string | null;
  readonly lead_id: number | null;
  /** The queue, campaign or number that was called. */
  readonly line: string | null;
  readonly started_at: string;
  readonly answered_at: string | null;
  readonly ended_at: string | null;
  /** The agent who has it, where it ended here because somebody else answered. */
  readonly answered_by: string | null;
  readonly outcome: string | null;
  readonly note: string | null;
  readonly source: 'api' | 'asterisk' | 'dialer';
  /** The id of whoever reported it. */
  readonly call_id: string | null;
}

/** Some calls, the newest first. */
export interface CallPage {
  readonly total: number;
  /** `gte`: there are more than `total`. */
  readonly total_relation?: 'gte';
  readonly limit: number;
  readonly offset: number;
  readonly calls: readonly Call[];
}

/** Whose calls. */
export type CallKey = { readonly user: string } | { readonly phone: string } | { readonly leadId: number };

/** What is said of a call; an empty text takes back what was said. */
export interface CallPatch {
  readonly state?: CallState | undefined;
  readonly outcome?: string | undefined;
  readonly note?: string | undefined;
}

/** Calls that are kept. */
export interface Calls {
  /** Nobody is an empty page. */
  findCalls(whose: CallKey, options?: PageOptions): Promise<CallPage>;
  /**
   * Says how far a call has come, how it ended, or what it was about.
   *
   * @param call as `notifyCall` returns it
   * @returns how far it has come: a state that is not further changes nothing
   * @throws {CallercardError} `call_not_found`, among others
   */
  changeCall(call: string, patch: CallPatch, options?: CallOptions): Promise<CallState>;
}

export function createCalls(ask: Ask): Calls {
  return {
    async findCalls(whose, options = {}) {
      const query = new URLSearchParams('leadId' in whose ? { lead_id: String(whose.leadId) } : { ...whose });
      if (options.limit !== undefined) query.set('limit', String(options.limit));
      if (options.offset !== undefined) query.set('offset', String(options.offset));
      return (await ask<CallPage>(`calls?${query.toString()}`, options)).said;
    },
    async changeCall(call, patch, options) {
      const sent = { method: 'PATCH', body: patch } as const;
      const { said } = await ask<{ state: CallState }>(`calls/${encodeURIComponent(call)}`, options, sent);
      return said.state;
    },
  };
}
