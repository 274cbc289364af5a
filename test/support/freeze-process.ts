import { readdirSync, readFileSync } from 'node:fs';

/** Longer than any thread goes on after the signal; a machine that takes longer is told of. */
const STOPPED_MS = 5_000;

/**
 * Stops a process as it stands (SIGSTOP), and returns when none of its threads runs any more: the signal alone lets those on
 * other cores go on for a moment, in which a server still answers. `SIGCONT` lets it go on.
 *
 * @throws {Error} it goes on
 */
export function freezeProcess(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  if (process.platform !== 'linux') return;
  const patience = performance.now() + STOPPED_MS;
  while (!areThreadsStopped(pid)) {
    if (performance.now() > patience) throw new Error(`process ${pid} goes on after SIGSTOP`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}

function areThreadsStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => {
    try {
      // The name in brackets may hold anything; what follows is the state: T is stopped.
      return /^\d+ \(.*\) [TtZX]/s.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'));
    } catch {
      // It ended in between.
      return true;
    }
  });
}
