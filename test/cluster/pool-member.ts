import { createPrimaryLink } from '../../src/cluster/primary-link.ts';
import type { PoolNews } from '../../src/cluster/ipc.ts';

/** The process of one worker without a server: it asks for the leases that it is ordered to, and reports what it learns. */

/** What the test sends it. */
export type Order = { readonly order: 'open' | 'close'; readonly name: string };

/** What it sends the test. */
export interface Report {
  readonly report: 'taken' | 'lost' | 'call';
  readonly about: string;
}

const report = (what: Report['report'], about: string) =>
  process.send?.({ report: what, about } satisfies Report);
const link = createPrimaryLink((request, done) => process.send?.(request, undefined, undefined, done));
const leases = new Map<string, ReturnType<typeof link.openLease>>();
link.openRelay({
  take: (text) => report('call', text),
  canSend: () => undefined,
  joined: () => undefined,
  fault: () => undefined,
});
process.on('message', (message: Order | PoolNews) => {
  if ('command' in message) link.take(message);
  else if (message.order === 'close') void leases.get(message.name)?.close();
  else {
    const listener = {
      taken: () => report('taken', message.name),
      lost: () => report('lost', message.name),
    };
    leases.set(message.name, link.openLease(message.name, listener));
  }
});
