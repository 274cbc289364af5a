import { maskPassword, parseRedis } from './addresses.ts';
import { oneOf } from './read-value.ts';

/** How open cards hear of calls. */
export const POP_SETTINGS = {
  redis: {
    form: 'redis://[USER]:PASSWORD@HOST:6379/0',
    byDefault: '',
    help: 'The Redis that passes calls to cards connected to other workers or instances (live pop); `rediss://` with TLS. Without it, a call reaches only the cards of the process that receives it.',
    parse: parseRedis,
    show: maskPassword,
  },
  dialerPop: {
    perDomain: true,
    ...oneOf('on', 'off'),
    byDefault: 'on',
    help: "Whether cards open by themselves with the calls of a dialer, whose tables of calls are read twice a second while a card is open (`callercard check` says which rights that needs). It means nothing beside a store of callercard's own.",
  },
} as const;
