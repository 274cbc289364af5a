import { openRelayChannel } from '../../src/events/relay-channel.ts';
import { channelOf } from '../../src/stores/postgresql/call-relay.ts';
import { openPostgresqlRelay } from '../../src/stores/postgresql/open-relay.ts';
import { createDatabaseFor, openFilled, postgresqlConfig } from '../stores/postgresql/filled-store.ts';
import { postgresqlSkip, startPostgresql } from '../support/postgresql-server.ts';
import { channelContract, type ChannelServer } from './channel.contract.ts';

channelContract('PostgreSQL', postgresqlSkip, async (): Promise<ChannelServer> => {
  const server = await startPostgresql({ isDurable: true });
  await createDatabaseFor(server);
  const config = postgresqlConfig(server);
  const { schema } = config.database;
  await (await openFilled(config, { lists: [], leads: [], users: [] })).close();
  const relayTo = (database: Partial<typeof config.database>, databasePasswordFile = '') =>
    openPostgresqlRelay(
      { ...config, databasePasswordFile, database: { ...config.database, ...database } },
      () => undefined,
    );
  const run = (sql: string) => server.runSql(`SET search_path = ${schema}; ${sql}`, 'calls');
  const quoted = (text: string) => `'${text}'`;
  return {
    open: (log, clock) => openRelayChannel(relayTo({}), 'PostgreSQL', log, clock),
    unusable: [
      {
        open: (log) =>
          openRelayChannel(
            relayTo({ servers: [{ host: '127.0.0.1', port: 1 }], password: 'planted-secret' }),
            'PostgreSQL',
            log,
          ),
        reason: /^(?:ECONNREFUSED|ETIMEDOUT)$/,
      },
      {
        open: (log) => openRelayChannel(relayTo({ password: 'planted-secret' }), 'PostgreSQL', log),
        reason: /^(?:28P01|ETIMEDOUT)$/,
      },
      {
        open: (log) => openRelayChannel(relayTo({}, '/no/such/file'), 'PostgreSQL', log),
        reason: /^the file \/no\/such\/file of databasePasswordFile /,
      },
    ],
    listeners: async () =>
      Number(
        await server.runSql(
          `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'callercard direct'`,
        ),
      ),
    keptMs: async () =>
      Number(
        (await run(
          `SELECT floor(expires_at - extract(epoch FROM clock_timestamp()) * 1000) FROM last_calls WHERE user_key = 'acme ana'`,
        )) || '0',
      ),
    async sendRaw(text) {
      await run(`SELECT pg_notify(${quoted(channelOf(schema))}, ${quoted(text)})`);
    },
    async keepRaw(text) {
      await run(`INSERT INTO last_calls VALUES ('acme ana', 0, 0, 9e15, ${quoted(text)})`);
    },
    async clear() {
      await run('DELETE FROM last_calls');
    },
    kill: () => server.kill(),
    restart: () => server.restart(),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    stop: () => server.stop(),
  };
});
