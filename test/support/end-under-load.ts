import type { Ran, RunningServer } from './command.ts';
import { FILLED_REQUESTS } from './filled-folder.ts';
import { startTraffic, UNTIL_GONE, type TrafficFigures } from './load/traffic.ts';
import { wordsOf } from './until.ts';

/** A server that got SIGTERM while clients asked without a pause. */
export interface EndedUnderLoad {
  readonly ended: Pick<Ran, 'code' | 'signal'>;
  readonly figures: TrafficFigures;
  /** Lookups that were worked on to the end, as its log says. */
  readonly accepted: number;
  /** From the signal to the end, in milliseconds. */
  readonly tookMs: number;
  /** What it said for people. */
  readonly words: string;
}

/** A request that comes too late finds nobody, or a connection that was idle and ends. */
const TOO_LATE = /^(?:ECONNRESET|ECONNREFUSED|EPIPE)$/;

/**
 * Ends a server (SIGTERM) while clients ask over connections that they keep.
 *
 * @param server over a filled folder, at the log level info
 */
export async function endUnderLoad(
  server: RunningServer,
  {
    clients,
    rightBefore,
    ca,
  }: { readonly clients: number; readonly rightBefore: number; readonly ca?: string },
): Promise<EndedUnderLoad> {
  const traffic = startTraffic(server.url, FILLED_REQUESTS, { ...UNTIL_GONE, clients, ca });
  await traffic.untilRight(rightBefore);
  const signalled = performance.now();
  server.kill('SIGTERM');
  const [{ ended, tookMs }, figures] = await Promise.all([
    server.ended().then((ended) => ({ ended, tookMs: performance.now() - signalled })),
    traffic.ended(),
  ]);
  return { ended, figures, accepted: lookupsOf(server), tookMs, words: wordsOf(server) };
}

/** How many lookups were worked on to the end, as the log says. */
export function lookupsOf(server: Pick<RunningServer, 'said'>): number {
  return server.said().split('"result":"found"').length - 1;
}

/** What is not as it should be: answers lost, refused or wrong, and errors other than those of a late request. */
export function faultsOfEnd({ figures, accepted }: EndedUnderLoad): readonly string[] {
  const lost = accepted - figures.right;
  const strange = figures.lost.map(({ why }) => why).filter((why) => !TOO_LATE.test(why));
  return [
    ...(lost === 0 ? [] : [`${accepted} accepted, ${figures.right} answered`]),
    ...(figures.refused === 0 ? [] : [`${figures.refused} refused`]),
    ...figures.wrong,
    ...strange,
  ];
}
