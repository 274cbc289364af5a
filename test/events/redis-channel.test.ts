import { openRedisChannel } from '../../src/events/redis-channel.ts';
import { redisSkip, startRedis } from '../support/redis-server.ts';
import { channelContract, type ChannelServer } from './channel.contract.ts';

const PASSWORD = 'planted-secret :/@?#%';
const CHANNEL = 'callercard:calls:0';
const KEPT = 'callercard:last:acme ana';

channelContract('Redis', redisSkip, async (): Promise<ChannelServer> => {
  const redis = await startRedis(PASSWORD);
  return {
    open: (log, clock) => openRedisChannel(redis.url, log, clock),
    unusable: [
      // On a busy machine either may take too long to be received.
      {
        open: (log) => openRedisChannel('redis://:planted-secret@127.0.0.1:1', log),
        reason: /^(?:ECONNREFUSED|ConnectionTimeoutError)$/,
      },
      {
        open: (log) => openRedisChannel(redis.url.replace(/:[^:@]+@/, ':planted-secret-2@'), log),
        reason: /^(?:WRONGPASS|ConnectionTimeoutError)$/,
      },
    ],
    listeners: async () =>
      Number(
        String(await redis.ask('PUBSUB', 'NUMSUB', CHANNEL))
          .split(',')
          .at(-1),
      ),
    keptMs: async () => Math.max(0, Number(await redis.ask('PTTL', KEPT))),
    async sendRaw(text) {
      await redis.ask('PUBLISH', CHANNEL, text);
    },
    async keepRaw(text) {
      await redis.ask('SET', KEPT, text);
    },
    async clear() {
      await redis.ask('FLUSHALL');
    },
    kill: () => redis.kill(),
    restart: () => redis.restart(),
    freeze: () => redis.freeze(),
    thaw: () => redis.thaw(),
    stop: () => redis.kill(),
  };
});
