import { MAX_FAILURES } from '../../src/auth/lockout.ts';
import { PASSWORD } from '../../test/service/lookup-fixture.ts';
import { Agent } from 'node:http';

import { send, type Answer } from '../../test/support/test-app.ts';

const LOOKING_UP = 6;
const GUESSING = 4;

/** What clients were answered, over the lives of several servers. */
export interface Witness {
  /** By name: wrong passwords that were sent, and those of them that were answered. */
  readonly wrongPasswords: ReadonlyMap<string, { sent: number; answered: number }>;
  /** Every lead whose lookup was answered; each is asked for once. */
  readonly lookedUp: ReadonlySet<number>;
  /** Answers that are wrong, since this was last asked. */
  takeWrong(): readonly string[];
  lookUp(ask: Ask): Promise<void>;
  guess(ask: Ask): Promise<void>;
}

/** @param name undefined: the one who looks up */
type Ask = (leadId: number, password: string, name?: string) => Promise<Answer>;

const REFUSED = '{"result":"error","message":"Invalid Username/Password"}';
const LOCKED = '{"result":"error","message":"Too many login attempts, try again in 15 minutes"}';

/**
 * @param users the accounts agent0 to agent(users - 1) are there
 * @param leads the leads from 1 on that are there
 */
export function createWitness(users: number, leads: number): Witness {
  const wrongPasswords = new Map<string, { sent: number; answered: number }>();
  const lookedUp = new Set<number>();
  let [nextLead, nextGuess] = [1, 0];
  let wrong: string[] = [];

  return {
    wrongPasswords,
    lookedUp,
    takeWrong() {
      const taken = wrong;
      wrong = [];
      return taken;
    },
    async lookUp(ask) {
      const leadId = nextLead++;
      const { status, text } = await ask(leadId, PASSWORD);
      const isRight =
        leadId <= leads
          ? text.includes(`"lead_id":${leadId},`) && text.includes(`"first_name":"Name ${leadId}"`)
          : text.includes(`Lead ID '${leadId}' does NOT exist`);
      if (status === 200 && isRight) lookedUp.add(leadId);
      else wrong.push(`lead ${leadId}: ${status} ${text}`);
    },
    async guess(ask) {
      const name = nameOf(nextGuess++, users);
      const tried = wrongPasswords.get(name) ?? { sent: 0, answered: 0 };
      wrongPasswords.set(name, tried);
      const answeredBefore = tried.answered;
      // The right password of one that is there opens nothing once ten were answered.
      const isRightOne = answeredBefore >= MAX_FAILURES && name.startsWith('agent');
      if (!isRightOne) tried.sent += 1;
      const { status, text } = await ask(1, isRightOne ? PASSWORD : `wrong ${nextGuess}`, name);
      if (status === 200 && text === LOCKED && tried.sent >= MAX_FAILURES) return;
      if (status === 200 && text === REFUSED && answeredBefore < MAX_FAILURES) tried.answered += 1;
      else wrong.push(`${name} after ${answeredBefore} of ${tried.sent} wrong passwords: ${status} ${text}`);
    },
  };
}

/** Four names at a time, one of them nobody's, until each was tried more often than it takes to lock it. */
function nameOf(guess: number, users: number): string {
  const group = Math.floor(guess / (GUESSING * (MAX_FAILURES + 3)));
  const [place, agent] = [guess % GUESSING, group * (GUESSING - 1) + (guess % GUESSING)];
  return place < GUESSING - 1 && agent < users ? `agent${agent}` : `nobody${group}-${place}`;
}

/**
 * Clients that look up and guess over connections that they keep, until each has lost its server.
 *
 * @param targetOf path and query for a lead and a password, as the user `crm`
 */
export function startWitnessed(
  url: string,
  witness: Witness,
  targetOf: (leadId: number, password: string) => string,
): { ended(): Promise<void> } {
  async function keepAsking(work: (ask: Ask) => Promise<void>): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask: Ask = (leadId, password, name = 'crm') =>
      send(url, targetOf(leadId, password).replace('goUser=crm', `goUser=${name}`), { agent });
    try {
      for (;;) await work(ask);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ERR_ASSERTION') throw cause;
    } finally {
      agent.destroy();
    }
  }
  const all = Promise.all([
    ...Array.from({ length: LOOKING_UP }, () => keepAsking((ask) => witness.lookUp(ask))),
    ...Array.from({ length: GUESSING }, () => keepAsking((ask) => witness.guess(ask))),
  ]);
  // Whoever waits for it hears of a failure then.
  all.catch(() => undefined);
  return { ended: () => all.then(() => undefined) };
}
