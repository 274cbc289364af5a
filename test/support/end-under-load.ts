import { startKeenClients, type KeenFigures } from './closed-loop-clients.ts';
import type { Ran, RunningServer } from './command.ts';
import { FILLED_LEADS, targetOf } from './filled-folder.ts';
import { wordsOf } from './until.ts';

/** A server that was told to end while clients asked without a pause. */
export interface EndedUnderLoad {
  readonly ended: Pick<Ran, 'code' | 'signal'>;
  readonly figures: KeenFigures;
  /** Lookups that were worked on to the end, as its log says. */
  readonly accepted: number;
  /** From the signal to the end, in milliseconds. */
  readonly tookMs: number;
  /** What it said for people. */
  readonly words: string;
}

/** Every lead of a filled folder, by its question. */
export const FILLED_TARGETS: ReadonlyMap<string, number> = new Map(
  Array.from({ length: FILLED_LEADS }, (_, at) => [targetOf(at + 1), at + 1]),
);

/** Who comes too late finds nobody, or a connection that was idle and ends. */
const TOO_LATE = /^(?:ECONNRESET|ECONNREFUSED|EPIPE)$/;

/**
 * Has clients ask over connections that they keep, and tells the server to end (SIGTERM).
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
  const asking = startKeenClients(server.url, FILLED_TARGETS, {
    clients,
    ...(ca === undefined ? {} : { ca }),
  });
  await asking.untilRight(rightBefore);
  const told = performance.now();
  server.kill('SIGTERM');
  const [{ ended, tookMs }, figures] = await Promise.all([
    server.ended().then((ended) => ({ ended, tookMs: performance.now() - told })),
    asking.ended(),
  ]);
  return { ended, figures, accepted: lookupsOf(server), tookMs, words: wordsOf(server) };
}

/** How many lookups were worked on to the end, as the log says. */
export function lookupsOf(server: Pick<RunningServer, 'said'>): number {
  return server.said().split('"result":"found"').length - 1;
}

/** What is not as it should be: answers that were lost or wrong, and ways to fail that no latecomer meets. */
export function faultsOfEnd({ figures, accepted }: EndedUnderLoad): readonly string[] {
  const lost = accepted - figures.right;
  const strange = [...figures.unanswered.keys()].filter((code) => !TOO_LATE.test(code));
  return [
    ...(lost === 0 ? [] : [`${accepted} accepted, ${figures.right} answered`]),
    ...figures.wrong,
    ...strange,
  ];
}
