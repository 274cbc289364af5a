import { readFileSync } from 'node:fs';

import { childrenOf } from '../../test/support/process-tree.ts';
import { cpuOf } from '../measure/served.ts';

/** The kernel counts in hundredths of a second (USER_HZ). */
const MICROSECONDS_PER_TICK = 10_000;

/** CPU time of a PostgreSQL so far, in microseconds: of all its processes, those that have ended among them. */
export function cpuOfServer({ pid }: { readonly pid: number }): number {
  // Behind the name: user and system time of the children that it has waited for are the 14th and 15th words.
  const words = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const ended = (Number(words[13]) + Number(words[14])) * MICROSECONDS_PER_TICK;
  return ended + cpuOf([pid, ...childrenOf(pid)]);
}
