import type { OpenLease } from '../core/lease.ts';
import type { Connector } from './run-connectors.ts';

/**
 * Runs a connector in one process of all: as long as this one has the lease.
 *
 * @param name the same in every process, such as `asterisk acme`
 * @param start begins it. `isHeld` is to be asked before each step that must not be done twice
 */
export function runWhileHeld(
  openLease: OpenLease,
  name: string,
  start: (isHeld: () => boolean) => Connector,
): Connector {
  let running: Connector | undefined;
  let ending: Promise<void> = Promise.resolve();

  function stop(): void {
    const stopped = running;
    running = undefined;
    if (stopped !== undefined) ending = Promise.all([ending, stopped.close()]).then(() => undefined);
  }

  const lease = openLease(name, {
    taken() {
      running ??= start(() => lease.isHeld());
    },
    lost: stop,
  });
  return {
    async close() {
      stop();
      await Promise.all([ending, lease.close()]);
    },
  };
}
