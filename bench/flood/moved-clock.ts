import { systemClock, type Clock } from '../../src/core/clock.ts';

/**
 * The clock of a server that its benchmark moves forward by messages, so that cached credentials
 * expire at once.
 */
export function createMovedClock(): Clock {
  let aheadMs = 0;
  process.on('message', (message: unknown) => {
    const { passMs } = message as { passMs?: number };
    if (passMs === undefined) return;
    aheadMs += passMs;
    process.send?.({ aheadMs });
  });
  return { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs };
}
