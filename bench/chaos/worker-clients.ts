import { Agent, request, type ClientRequest } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import { FILLED_LEADS, targetOf } from '../../test/support/filled-folder.ts';
import { assertNothingLeaks } from '../../test/support/leaks.ts';
import { until } from '../../test/support/until.ts';

/** So many keep their connection, and so many come with a new one for each request. */
const KEEPING = 16;
export const COMING = 4;
/** Between a client's requests: a machine that has no time at all starts nothing either. */
const PAUSE_MS = 5;
/** Longer than any answer takes: a request without one hangs. */
const HANGS_MS = 10_000;

/** A request that got no answer. */
export interface Lost {
  /** The client's port; undefined: it had no connection yet. */
  readonly port: number | undefined;
  readonly isKept: boolean;
  readonly why: string;
}

/** Clients of a filled folder that go on when their connection is lost, and know which one it was. */
export function startWorkerClients(url: string) {
  const lost: Lost[] = [];
  const wrong: string[] = [];
  /** Those that keep their connection and have it: they were answered over it. */
  let connected = 0;
  let [right, isStopped, turn] = [0, false, 0];

  async function keepAsking(isKept: boolean): Promise<void> {
    let agent = new Agent({ keepAlive: isKept, maxSockets: 1 });
    let isFirst = true;
    while (!isStopped) {
      const leadId = (turn++ % FILLED_LEADS) + 1;
      const came = await ask(url, targetOf(leadId), agent);
      if ('text' in came) {
        assertNothingLeaks({ headers: {}, text: came.text });
        if (isKept && isFirst) connected += 1;
        isFirst = false;
        if (came.text.includes(`"lead_id":${leadId},`)) right += 1;
        else wrong.push(came.text);
      } else {
        lost.push({ ...came, isKept });
        agent.destroy();
        agent = new Agent({ keepAlive: isKept, maxSockets: 1 });
      }
      await pause(PAUSE_MS);
    }
    agent.destroy();
  }

  const all = Promise.all([
    ...Array.from({ length: KEEPING }, () => keepAsking(true)),
    ...Array.from({ length: COMING }, () => keepAsking(false)),
  ]);
  all.catch(() => undefined);
  return {
    lost,
    wrong,
    right: () => right,
    /** Waits until no kept connection is on its way any more. */
    untilConnected: () => until('all are connected', () => connected === KEEPING),
    untilRight: (count: number) => {
      const enough = right + count;
      return until(`${count} right answers`, () => right >= enough);
    },
    stop: () => {
      isStopped = true;
      return all;
    },
  };
}

function ask(url: string, path: string, agent: Agent): Promise<{ text: string } | Omit<Lost, 'isKept'>> {
  const { hostname: host, port } = new URL(url);
  let from: number | undefined;
  return new Promise((resolve) => {
    const outgoing: ClientRequest = request({ host, port, path, agent, timeout: HANGS_MS }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      incoming
        .on('end', () => resolve({ text }))
        .on('error', (cause) => resolve({ port: from, why: String(cause) }));
    });
    outgoing.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => (from = socket.localPort));
      else from = socket.localPort;
    });
    outgoing.on('timeout', () => {
      resolve({ port: from, why: 'hangs' });
      outgoing.destroy();
    });
    outgoing.on('error', (cause) => resolve({ port: from, why: String(cause) })).end();
  });
}
