import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';

import { findProgram } from '../../test/support/programs.ts';

/** What the figures of a run depend on, one line each; no names of machines or places. */
export function machineFacts(): readonly string[] {
  const cores = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const mariadbd = findProgram('mariadbd');
  return [
    `${cores.length} cores (${cores[0]?.model.trim() ?? 'unknown'}), ${gigabytes} GiB of memory, ${type()} ${release().split('-')[0] ?? ''}`,
    `Node.js ${process.versions.node}, SQLite ${process.versions.sqlite ?? 'unknown'}, MariaDB ${mariadbd === undefined ? 'not there' : versionOf(mariadbd)}`,
  ];
}

function versionOf(program: string): string {
  const said = execFileSync(program, ['--version'], { encoding: 'utf8' });
  return /\d+\.\d+\.\d+/.exec(said)?.[0] ?? 'unknown';
}
