import { BoundedMap } from '../../core/bounded-map.ts';
import type { ReportedCall } from '../../core/reported-call.ts';
import { AgentCalls, type AgentCall, type Call, CALL_LIMITS } from './agent-calls.ts';
import { dialledNumber, extensionOf, headerOf as header, isFirstHalf, isLocal } from './channel-name.ts';
import type { ManagerMessage } from './read-events.ts';
import { dialledParty, isOutside, type PartyOptions, partyOf, sidesOf } from './read-party.ts';

export interface TrackerOptions extends PartyOptions {
  /** Monotonic. */
  readonly now: () => number;
}

type Reports = readonly ReportedCall[];
const NOTHING: Reports = [];

/**
 * Reads the events of calls, and says what happens to them at agents. What comes twice, late or in another order does no harm.
 * Rules: docs/decisions/0057-asterisk.md.
 */
export class CallTracker {
  readonly #options: TrackerOptions;
  readonly #calls = new AgentCalls();
  /** Channels whose beginning was heard, or of which something was. */
  readonly #begun = new BoundedMap<string, true>(CALL_LIMITS.channels);

  constructor(options: TrackerOptions) {
    this.#options = options;
  }

  take(event: ManagerMessage): Reports {
    const reports = this.#read(event);
    return this.#calls.isFull ? [...reports, ...this.sweep()] : reports;
  }

  /** Ends calls of which nothing is heard any more; to be called now and then. */
  sweep(): Reports {
    return this.#calls.sweep(this.#options.now());
  }

  /** Events were missed: what was going on is taken for over. */
  interrupt(): Reports {
    return this.#calls.interrupt();
  }

  #read(event: ManagerMessage): Reports {
    switch (header(event, 'Event')) {
      case 'Newchannel':
        this.#begin(event);
        return NOTHING;
      case 'DialBegin':
      case 'DialState':
      case 'DialEnd':
        return this.#dial(event);
      case 'AttendedTransfer':
        return this.#transfer(event);
      case 'Hangup':
        return this.#hangUp(event);
      default:
        return NOTHING;
    }
  }

  /** Notes where a call came in, and from whom. */
  #begin(event: ManagerMessage): void {
    const linkedId = header(event, 'Linkedid');
    this.#begun.set(header(event, 'Uniqueid'), true);
    if (header(event, 'Uniqueid') !== linkedId || this.#calls.isOver(linkedId)) return;
    this.#calls.call(linkedId, this.#options.now()).root ??= {
      channel: header(event, 'Channel'),
      number: header(event, 'CallerIDNum'),
      exten: header(event, 'Exten'),
    };
  }

  #dial(event: ManagerMessage): Reports {
    const { agentOf } = this.#options;
    for (const side of ['Uniqueid', 'DestUniqueid']) this.#begun.set(header(event, side), true);
    const dialled = header(event, 'DestChannel');
    // Behind such a half the telephone itself is dialled.
    if (isLocal(dialled)) return NOTHING;
    const agent = agentOf(extensionOf(dialled));
    if (agent !== undefined) return this.#dialAgent(event, agent);
    const from = header(event, 'Channel');
    const caller = isLocal(from) && !isFirstHalf(from) ? undefined : agentOf(extensionOf(from));
    return caller === undefined ? NOTHING : this.#dialOutside(event, caller);
  }

  /** A call comes to an agent's telephone. */
  #dialAgent(event: ManagerMessage, agent: string): Reports {
    const channel = header(event, 'DestUniqueid');
    const status = header(event, 'DialStatus');
    if (this.#calls.isOver(channel)) return NOTHING;
    const at = this.#calls.at(channel);
    if (header(event, 'Event') === 'DialEnd' && status !== 'ANSWER')
      return at === undefined ? this.#calls.leave(channel) : this.#endRinging(event, at, channel, status);
    if (status === 'ANSWER' && at !== undefined) return this.#answer(at, agent, channel);
    if (at !== undefined || (status !== 'RINGING' && status !== 'ANSWER')) return NOTHING;
    const call = this.#calls.call(header(event, 'DestLinkedid'), this.#options.now());
    const party = partyOf(event, call, agent, this.#options);
    if (party === undefined) return NOTHING;
    const isAnswered = status === 'ANSWER' && party.direction === 'inbound';
    const begun = this.#calls.begin(call, agent, channel, party, isAnswered ? 'answered' : 'ringing');
    return isAnswered ? [...begun, ...this.#endOthers(call, agent)] : begun;
  }

  #answer(at: AgentCall, agent: string, channel: string): Reports {
    // Of a call that the agent asked for, this is the agent's own telephone.
    if (at.direction === 'outbound') return NOTHING;
    if (at.agent === agent) return [...this.#calls.answer(at), ...this.#endOthers(at.call, agent)];
    // Picked up from another telephone, which has the channel now.
    const begun = this.#calls.begin(at.call, agent, channel, at, 'answered');
    return [...begun, ...this.#endOthers(at.call, agent)];
  }

  #endRinging(event: ManagerMessage, at: AgentCall, channel: string, status: string): Reports {
    // The first word says it: a queue adds CANCEL to its NOANSWER.
    at.outcome ??= status;
    if (status !== 'CANCEL') return this.#calls.leave(channel);
    // Who was connected instead stands at the caller, where somebody was. The end of the channel follows.
    const other = this.#options.agentOf(header(event, 'ConnectedLineNum'));
    const isThere = this.#calls.liveOf(at.call).some(({ agent }) => agent === other && agent !== at.agent);
    if (isThere) at.answeredBy ??= other;
    return NOTHING;
  }

  /** Somebody answered: it rings at nobody else. */
  #endOthers(call: Call, answeredBy: string): Reports {
    const others = this.#calls
      .liveOf(call)
      .filter(({ agent, state }) => agent !== answeredBy && state === 'ringing');
    return others.flatMap((at) => {
      at.answeredBy = answeredBy;
      at.outcome ??= 'CANCEL';
      return this.#calls.end(at);
    });
  }

  /** An agent calls somebody outside: it is over when the agent's channel is. */
  #dialOutside(event: ManagerMessage, agent: string): Reports {
    const channel = header(event, 'Uniqueid');
    const status = header(event, 'DialStatus');
    if (this.#calls.isOver(channel)) return NOTHING;
    const at = this.#calls.at(channel);
    if (header(event, 'Event') === 'DialEnd' && status !== 'ANSWER') {
      // The next trunk may be tried.
      if (at !== undefined) at.outcome = status;
      return NOTHING;
    }
    if (at !== undefined) return status === 'ANSWER' ? this.#calls.answer(at) : NOTHING;
    const party = dialledParty(event, this.#options);
    if (party === undefined) return NOTHING;
    const call = this.#calls.call(header(event, 'DestLinkedid'), this.#options.now());
    return this.#calls.begin(call, agent, channel, party, status === 'ANSWER' ? 'answered' : 'ringing');
  }

  /** An agent who was asked first has the call from now on. */
  #transfer(event: ManagerMessage): Reports {
    const sides = sidesOf(event, this.#options);
    if (sides === undefined || this.#calls.isOver(sides.channel)) return NOTHING;
    // Whoever transfers has the number as it came in or was dialled.
    const known = this.#calls.at(sides.transferer);
    const phone = known?.phone ?? sides.phone;
    if (!isOutside(phone, this.#options)) return NOTHING;
    const call = this.#calls.call(known?.call.linkedId ?? sides.linkedId, this.#options.now());
    const { direction = 'inbound', line } = known ?? {};
    return this.#calls.begin(call, sides.agent, sides.channel, { phone, direction, line }, 'answered');
  }

  #hangUp(event: ManagerMessage): Reports {
    const [channel, callId] = [header(event, 'Uniqueid'), header(event, 'Linkedid')];
    const isKnown = this.#begun.get(channel) === true || this.#calls.isOver(channel);
    const agent = isKnown ? undefined : this.#options.agentOf(extensionOf(header(event, 'Channel')));
    const wasHere = this.#calls.at(channel) !== undefined;
    const reports = this.#calls.leave(channel);
    if (channel === callId) this.#calls.forgetIfUnused(channel);
    // Of a call that began before this process listened; another one may have reported it.
    return agent === undefined || wasHere || isLocal(header(event, 'Channel'))
      ? reports
      : [{ callId, agent, state: 'ended', direction: channel === callId ? 'outbound' : 'inbound' }];
  }
}

/** Other events are not read. */
const READ_EVENTS: ReadonlySet<string> = new Set([
  'Newchannel',
  'DialBegin',
  'DialState',
  'DialEnd',
  'AttendedTransfer',
  'Hangup',
]);

const CHANNELS = ['Channel', 'DestChannel', 'TransferTargetChannel', 'TransfereeChannel'];
const NUMBERS = [
  ...['CallerIDNum', 'ConnectedLineNum', 'DestConnectedLineNum', 'DestCallerIDNum'],
  ...['TransfereeCallerIDNum', 'TransferTargetCallerIDNum', 'Exten'],
];

/** Whether the tracker reads it. */
export function isOfCalls(event: ManagerMessage): boolean {
  return READ_EVENTS.has(header(event, 'Event'));
}

/** The extensions and numbers of an event of which the tracker asks whether they are an agent's. */
export function askedOf(event: ManagerMessage): readonly string[] {
  if (!isOfCalls(event)) return [];
  const asked = [
    ...CHANNELS.map((name) => extensionOf(header(event, name))),
    ...NUMBERS.map((name) => header(event, name)),
    dialledNumber(header(event, 'DialString')),
  ];
  return [...new Set(asked)].filter((text) => text !== '');
}
