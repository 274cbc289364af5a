import { openConnection, type LoadConnection } from './connection.ts';
import type { LoadFigures, LoadPlan } from './plan.ts';
import { createTally } from './tally.ts';

/** How often due requests are sent. */
const TICK_MS = 1;
/** Requests due for longer are not sent: a burst of them would not be the asked rate. */
const LATE_MS = 20;
/** After the end of a plan the last answers are waited for, but not longer. */
const LAST_ANSWERS_MS = 10_000;

/** Connects for a plan; what it returns does it, and then closes the connections. */
export async function preparePlan(plan: LoadPlan): Promise<() => Promise<LoadFigures>> {
  const { url, asForm } = plan;
  const sockets: LoadConnection[] = [];
  for (let at = 0; at < plan.connections; at += 1) sockets.push(await openConnection(url, { asForm }));
  return async () => {
    try {
      return await runPlan(sockets, plan);
    } finally {
      for (const socket of sockets) socket.end();
    }
  };
}

async function runPlan(sockets: readonly LoadConnection[], plan: LoadPlan): Promise<LoadFigures> {
  const tally = createTally();
  const asking = createAsking(plan, (answer, milliseconds) => tally.note(answer, milliseconds));
  const started = performance.now();
  const { due, unsent } =
    plan.perSecond === undefined
      ? await askInTurn(sockets, asking, plan.seconds)
      : await askWhenDue(sockets, asking, plan.seconds, plan.perSecond);
  const seconds = (performance.now() - started) / 1000;
  await asking.end();
  return { seconds, due, unsent, ...tally.figures() };
}

type Note = ReturnType<typeof createTally>['note'];
type Asking = ReturnType<typeof createAsking>;

/** Sends the plan's requests, and notes what comes back. */
function createAsking({ targets, order }: LoadPlan, note: Note) {
  let [at, underWay] = [0, 0];
  const next =
    order === 'once' ? () => targets[at++] : () => targets[Math.floor(Math.random() * targets.length)];
  return {
    /** @returns whether there was something left to ask; `done` is called once the answer is there */
    send(socket: LoadConnection, done: () => void): boolean {
      const target = next();
      if (target === undefined) return false;
      const sentAt = performance.now();
      underWay += 1;
      socket.ask(target, (answer) => {
        underWay -= 1;
        note(answer, performance.now() - sentAt);
        if (!(answer instanceof Error)) done();
      });
      return true;
    },
    async end(): Promise<void> {
      const patience = performance.now() + LAST_ANSWERS_MS;
      while (underWay > 0 && performance.now() < patience) await pause(5);
      if (underWay > 0) note(new Error(`${underWay} requests without an answer`), 0);
    },
  };
}

/** Each connection asks again once it has its answer. */
async function askInTurn(sockets: readonly LoadConnection[], asking: Asking, seconds: number) {
  const end = performance.now() + seconds * 1000;
  let due = 0;
  const goOn = (socket: LoadConnection) => {
    if (performance.now() < end && asking.send(socket, () => goOn(socket))) due += 1;
  };
  for (const socket of sockets) goOn(socket);
  await pause(seconds * 1000);
  return { due, unsent: 0 };
}

/** A free connection sends each request when it is due; without one it is not sent. */
async function askWhenDue(
  sockets: readonly LoadConnection[],
  asking: Asking,
  seconds: number,
  perSecond: number,
) {
  const free = [...sockets];
  const started = performance.now();
  let [due, unsent, isLeft] = [0, 0, true];
  for (let now = 0; isLeft && now < seconds; now = (performance.now() - started) / 1000) {
    const latest = Math.floor(now * perSecond);
    const tooLate = Math.max(0, latest - due - Math.ceil((LATE_MS / 1000) * perSecond));
    unsent += tooLate;
    due += tooLate;
    for (; isLeft && due < latest; due += 1) {
      const socket = free.shift();
      if (socket === undefined) unsent += 1;
      else isLeft = asking.send(socket, () => void free.push(socket));
    }
    await pause(TICK_MS);
  }
  return { due, unsent };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
