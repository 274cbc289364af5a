import { BoundedMap } from '../../core/bounded-map.ts';
import type { CallState, Direction, ReportedCall } from '../../core/reported-call.ts';

export const CALL_LIMITS = {
  /** Calls that are known at a time; beyond that the ones heard of longest ago are taken for over. */
  calls: 5_000,
  /** Channels of telephones at a time. */
  channels: 10_000,
  /** Channels that are over, so that what comes late about them changes nothing. */
  channelsOver: 10_000,
  /** A call of which nothing is heard for so long is taken for over. */
  silentMs: 8 * 3_600_000,
  /** A call at which no agent is any more may come back, by a transfer or the next round of a queue. */
  idleMs: 15 * 60_000,
} as const;

/** Who is on the other side of an agent's call. */
export interface Party {
  readonly phone: string;
  readonly direction: Direction;
  readonly line: string | undefined;
}

/** A call at one agent: all telephones of the agent at which it rings are one. */
export interface AgentCall extends Party {
  readonly callId: string;
  readonly agent: string;
  readonly call: Call;
  state: CallState;
  /** The channels of the agent that are not over. */
  readonly channels: Set<string>;
  /** How dialling ended, in Asterisk's word. */
  outcome: string | undefined;
  answeredBy: string | undefined;
}

/** A call as Asterisk links its channels. */
export interface Call {
  readonly linkedId: string;
  /** The channel with which it began, as far as that was heard. */
  root: { readonly channel: string; readonly number: string; readonly exten: string } | undefined;
  /** The newest at each agent. */
  readonly agents: Map<string, { current: AgentCall; count: number }>;
  heardAt: number;
}

/** Keeps which call is at which agent, within bounds, and makes the reports. Times are monotonic. */
export class AgentCalls {
  readonly #calls = new Map<string, Call>();
  /** By the unique ids of agents' channels. */
  readonly #channels = new Map<string, AgentCall>();
  readonly #over = new BoundedMap<string, true>(CALL_LIMITS.channelsOver);

  /** The call, which is made where it is not known yet. */
  call(linkedId: string, now: number): Call {
    const call = this.#calls.get(linkedId) ?? { linkedId, root: undefined, agents: new Map(), heardAt: now };
    call.heardAt = now;
    // The last to be heard of is the last in order.
    this.#calls.delete(linkedId);
    this.#calls.set(linkedId, call);
    return call;
  }

  at(channel: string): AgentCall | undefined {
    return this.#channels.get(channel);
  }

  isOver(channel: string): boolean {
    return this.#over.get(channel) === true;
  }

  /** The calls that are at agents just now. */
  liveOf(call: Call): readonly AgentCall[] {
    return [...call.agents.values()].map(({ current }) => current).filter(({ state }) => state !== 'ended');
  }

  /**
   * Adds a channel to the call at an agent. Where the call is not there just now, it begins: one that was there before is
   * another call at that agent.
   */
  begin(
    call: Call,
    agent: string,
    channel: string,
    party: Party,
    state: 'ringing' | 'answered',
  ): readonly ReportedCall[] {
    if (this.#channels.size >= CALL_LIMITS.channels || channel === '') return [];
    const before = call.agents.get(agent);
    if (before !== undefined && before.current.state !== 'ended') {
      const { current } = before;
      return [...this.#move(channel, current), ...(state === 'answered' ? this.answer(current) : [])];
    }
    const count = (before?.count ?? 0) + 1;
    const { phone, direction, line } = party;
    const current: AgentCall = {
      ...{ phone, direction, line },
      callId: count === 1 ? call.linkedId : `${call.linkedId}~${count}`,
      agent,
      call,
      state,
      channels: new Set(),
      outcome: undefined,
      answeredBy: undefined,
    };
    call.agents.set(agent, { current, count });
    return [...this.#move(channel, current), reportOf(current)];
  }

  /** Gives a channel to a call at an agent; the one that had it may be over by that. */
  #move(channel: string, to: AgentCall): readonly ReportedCall[] {
    const from = this.#channels.get(channel);
    this.#channels.set(channel, to);
    to.channels.add(channel);
    if (from === undefined || from === to) return [];
    from.channels.delete(channel);
    if (from.channels.size > 0) return [];
    if (from.state === 'ringing') {
      from.answeredBy = to.agent;
      from.outcome ??= 'CANCEL';
    }
    return this.end(from);
  }

  answer(at: AgentCall): readonly ReportedCall[] {
    if (at.state !== 'ringing') return [];
    at.state = 'answered';
    return [reportOf(at)];
  }

  /** A channel is over: with the last one the agent's call is. */
  leave(channel: string): readonly ReportedCall[] {
    this.#over.set(channel, true);
    const at = this.#channels.get(channel);
    if (at === undefined) return [];
    this.#channels.delete(channel);
    at.channels.delete(channel);
    return at.channels.size === 0 ? this.end(at) : [];
  }

  /** Nothing more comes of it. */
  end(at: AgentCall): readonly ReportedCall[] {
    for (const channel of at.channels) {
      this.#over.set(channel, true);
      this.#channels.delete(channel);
    }
    at.channels.clear();
    if (at.state === 'ended') return [];
    if (at.state === 'answered') at.outcome = 'ANSWER';
    at.state = 'ended';
    return [reportOf(at)];
  }

  /** The channel with which a call began is over. */
  forgetIfUnused(linkedId: string): void {
    if (this.#calls.get(linkedId)?.agents.size === 0) this.#calls.delete(linkedId);
  }

  /** Ends what was not heard of for too long, and what is too much. */
  sweep(now: number): readonly ReportedCall[] {
    const reports: ReportedCall[] = [];
    let tooMany = this.#calls.size - CALL_LIMITS.calls;
    for (const call of this.#calls.values()) {
      // Those behind it were heard of later.
      if (tooMany <= 0 && now - call.heardAt <= CALL_LIMITS.idleMs) break;
      const live = this.liveOf(call);
      const keptMs = live.length > 0 ? CALL_LIMITS.silentMs : CALL_LIMITS.idleMs;
      if (tooMany <= 0 && now - call.heardAt <= keptMs) continue;
      tooMany -= 1;
      for (const at of live) reports.push(...this.end(at));
      this.#calls.delete(call.linkedId);
    }
    return reports;
  }

  get isFull(): boolean {
    return this.#calls.size > CALL_LIMITS.calls;
  }

  /** What comes next may be about other calls: those at agents end. Their channels may still be heard of. */
  interrupt(): readonly ReportedCall[] {
    const live = [...this.#calls.values()].flatMap((call) => this.liveOf(call));
    this.#channels.clear();
    for (const { channels } of live) channels.clear();
    return live.flatMap((at) => this.end(at));
  }
}

function reportOf({
  callId,
  agent,
  state,
  direction,
  phone,
  line,
  answeredBy,
  outcome,
}: AgentCall): ReportedCall {
  return {
    callId,
    agent,
    state,
    direction,
    phone,
    ...(line === undefined ? {} : { line }),
    ...(state === 'ended' && answeredBy !== undefined ? { answeredBy } : {}),
    ...(state === 'ended' && outcome !== undefined ? { outcome } : {}),
  };
}
