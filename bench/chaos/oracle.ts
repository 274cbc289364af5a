import { MAX_FAILURES } from '../../src/auth/lockout.ts';
import { PASSWORD } from '../../test/service/lookup-fixture.ts';
import { targetOf } from '../../test/support/filled-folder.ts';
import {
  startTraffic,
  UNTIL_GONE,
  type CheckedRequest,
  type TrafficFigures,
} from '../../test/support/load/traffic.ts';

const LOOKING_UP = 6;
const GUESSING = 4;

/** What clients were answered, over the lives of several servers. */
export interface Oracle {
  /** By name: wrong passwords that were sent, and those of them that were answered. */
  readonly wrongPasswords: ReadonlyMap<string, { sent: number; answered: number }>;
  /** Every lead whose lookup was answered; each is asked for once. */
  readonly lookedUp: ReadonlySet<number>;
  /** The next lookup. */
  lookUp(): CheckedRequest;
  /** The next guess at a password. */
  guess(): CheckedRequest;
}

const REFUSED = '{"result":"error","message":"Invalid Username/Password"}';
const LOCKED = '{"result":"error","message":"Too many login attempts, try again in 15 minutes"}';

/**
 * @param users the accounts agent0 to agent(users - 1) are there
 * @param leads the leads from 1 on that are there
 */
export function createOracle(users: number, leads: number): Oracle {
  const wrongPasswords = new Map<string, { sent: number; answered: number }>();
  const lookedUp = new Set<number>();
  let [nextLead, nextGuess] = [1, 0];
  return {
    wrongPasswords,
    lookedUp,
    lookUp() {
      const leadId = nextLead++;
      function expected(body: string): boolean {
        const isRight =
          leadId <= leads
            ? body.includes(`"lead_id":${leadId},`) && body.includes(`"first_name":"Name ${leadId}"`)
            : body.includes(`Lead ID '${leadId}' does NOT exist`);
        if (isRight) lookedUp.add(leadId);
        return isRight;
      }
      return { target: targetOf(leadId), expected };
    },
    guess() {
      const name = nameOf(nextGuess++, users);
      const tried = wrongPasswords.get(name) ?? { sent: 0, answered: 0 };
      wrongPasswords.set(name, tried);
      const answeredBefore = tried.answered;
      // The right password of an existing user opens nothing once ten wrong ones were answered.
      const isRightOne = answeredBefore >= MAX_FAILURES && name.startsWith('agent');
      if (!isRightOne) tried.sent += 1;
      function expected(body: string): boolean {
        if (body === LOCKED && tried.sent >= MAX_FAILURES) return true;
        const isCounted = body === REFUSED && answeredBefore < MAX_FAILURES;
        if (isCounted) tried.answered += 1;
        return isCounted;
      }
      const password = isRightOne ? PASSWORD : `wrong ${nextGuess}`;
      return { target: targetOf(1, password).replace('goUser=crm', `goUser=${name}`), expected };
    },
  };
}

/** Four names at a time, one of them nobody's, until each was tried more often than it takes to lock it. */
function nameOf(guess: number, users: number): string {
  const group = Math.floor(guess / (GUESSING * (MAX_FAILURES + 3)));
  const [position, agent] = [guess % GUESSING, group * (GUESSING - 1) + (guess % GUESSING)];
  return position < GUESSING - 1 && agent < users ? `agent${agent}` : `nobody${group}-${position}`;
}

/** Clients that look up and guess over connections that they keep, until each has lost its server. */
export function startOracleClients(
  url: string,
  oracle: Oracle,
): { ended(): Promise<readonly TrafficFigures[]> } {
  const options = { ...UNTIL_GONE, attempts: 1 };
  const all = [
    startTraffic(url, () => oracle.lookUp(), { ...options, clients: LOOKING_UP }),
    startTraffic(url, () => oracle.guess(), { ...options, clients: GUESSING }),
  ];
  return { ended: () => Promise.all(all.map((traffic) => traffic.ended())) };
}
