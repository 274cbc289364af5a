import type { FloorCall, FloorSnapshot } from '../../../src/core/floor.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

/** A call that the simulated floor had. */
export interface SimulatedCall {
  readonly agent: string;
  readonly callId: string;
  readonly leadId: number;
  /** Whether it was there in a snapshot that was taken. */
  wasSeen: boolean;
}

interface Agent {
  readonly user: string;
  call: (SimulatedCall & { state: 'ringing' | 'answered'; readonly since: number }) | undefined;
  preview: { readonly leadId: number; readonly since: number } | undefined;
  staleUntil: number;
}

/** A day on a floor: agents get calls, look at leads before they dial, and lose their sessions. */
export function createSimulatedFloor(seed: string, agents: number) {
  const random = new SeededRandom(seed);
  const floor: Agent[] = Array.from({ length: agents }, (_, at) => ({
    ...{ user: `agent${at}`, call: undefined, preview: undefined, staleUntil: 0 },
  }));
  const calls: SimulatedCall[] = [];
  let next = 1;
  let now = 1_790_000_000_000;

  function begin(agent: Agent): void {
    next += 1;
    const call = { agent: agent.user, callId: `${random.pick(['V', 'M', 'Y'])}${next}`, leadId: next };
    agent.preview = undefined;
    agent.call = { ...call, wasSeen: false, state: random.chance(0.7) ? 'ringing' : 'answered', since: now };
    calls.push(agent.call);
  }

  function step(agent: Agent): void {
    if (agent.call !== undefined) {
      if (random.chance(0.5)) agent.call.state = 'answered';
      if (random.chance(0.02)) agent.call = undefined;
      // At once the next one, also between two looks.
      if (agent.call === undefined && random.chance(0.3)) begin(agent);
    } else if (agent.preview !== undefined) {
      if (random.chance(0.2)) begin(agent);
    } else if (random.chance(0.02)) begin(agent);
    else if (random.chance(0.005)) agent.preview = { leadId: (next += 1), since: now };
    if (random.chance(0.001)) agent.staleUntil = now + 60_000;
  }

  function callsOf({ user, call, preview, staleUntil }: Agent): readonly FloorCall[] {
    const about = { agent: user, isStale: now < staleUntil };
    if (call !== undefined) {
      const { callId, leadId, state, since } = call;
      const direction = callId.startsWith('Y') ? 'inbound' : 'outbound';
      return [{ ...about, callId, leadId, state, direction, ageMs: now - since }];
    }
    if (preview === undefined) return [];
    const { leadId, since } = preview;
    const shown = { state: 'ringing', direction: 'outbound', ageMs: now - since } as const;
    return [{ ...about, callId: undefined, leadId, ...shown }];
  }

  return {
    random,
    calls: calls as readonly SimulatedCall[],
    now: () => now,
    tick(): void {
      now += 500;
      floor.forEach(step);
    },
    /** @param isTaken whether it is looked at: then its calls must be reported */
    snapshot(isTaken: boolean): FloorSnapshot {
      if (isTaken)
        for (const { call, staleUntil } of floor)
          if (call !== undefined && now >= staleUntil) call.wasSeen = true;
      return floor.flatMap(callsOf);
    },
  };
}
