import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { plainEnvironment, ROOT, type CommandOptions } from '../../test/support/command.ts';
import { hasEnded } from '../../test/support/process-tree.ts';

/** A command that is to be killed. */
export interface Victim {
  readonly pid: number;
  /** What it said so far, on both streams. */
  said(): string;
  hasEnded(): boolean;
  /**
   * Kills it (-9) and waits until nothing of it is left.
   *
   * @returns its code, if it had ended before
   */
  kill(): Promise<number | null>;
}

/** Starts `callercard ARGS...` and does not wait for it. */
export function startVictim(args: readonly string[], { cwd, env = {} }: CommandOptions): Victim {
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'callercard'), ...args], {
    cwd,
    env: plainEnvironment({ PORT: '0', ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => (said += piece));
  }
  // Its workers hold the streams, too: closed means that all of them are gone.
  const closed = once(child, 'close');
  return {
    pid: child.pid ?? 0,
    said: () => said,
    hasEnded: () => hasEnded(child),
    async kill() {
      child.kill('SIGKILL');
      await closed;
      return child.exitCode;
    },
  };
}
