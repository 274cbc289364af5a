import { dialerCandidates } from '../dialer/candidates.ts';
import { startBenchDialer, stopBenchDialer } from '../dialer/server.ts';
import { embeddedCandidates } from '../lookups/candidates.ts';
import { ensureBenchStore, LEADS } from '../lookups/store.ts';
import type { Candidate } from '../measure.ts';

/** What can be profiled: the rows of `npm run bench -- --all`, and the bare server that they are measured by. */
export const PROFILE_ROWS = ['lead', 'phone', 'xml', 'post', 'dialer', 'bare', 'bare-dialer'] as const;
export type ProfileRow = (typeof PROFILE_ROWS)[number];

/** Gives the candidate of a row, with the database that it needs for as long as `work` takes. */
export async function withProfileRow<Result>(
  row: ProfileRow,
  work: (candidate: Candidate) => Promise<Result>,
): Promise<Result> {
  if (row !== 'dialer' && row !== 'bare-dialer') {
    return work(embeddedCandidates(await ensureBenchStore(), LEADS)[row]);
  }
  const dialer = await startBenchDialer(LEADS);
  try {
    const { bare, lead } = dialerCandidates(dialer, LEADS);
    return await work(row === 'dialer' ? lead : bare);
  } finally {
    await stopBenchDialer(dialer);
  }
}
