/** One server of the benchmark, in a process of its own: `target.ts bare|callercard HOST PORT`. */
import { createServer } from 'node:http';

import { createConnection, type Connection } from 'mariadb';

import { createApp } from '../../src/app.ts';
import { createLog } from '../../src/http/log.ts';
import { LEAD_FIELDS } from '../../src/lead/lead.ts';
import { dialerConfig } from '../../test/support/dialer-config.ts';
import { listenOnLoopback, serveBenchmark } from '../lookups/target-process.ts';
import { READER } from './data.ts';

const [, , kind, host = '', port = ''] = process.argv;
const address = { host, port: Number(port) };
const CONNECTIONS = 4;

/** The least that a lookup can do: query string, one prepared statement on a few pipelined connections, JSON. */
async function bareLookup(): Promise<string> {
  const connections: Connection[] = [];
  for (let at = 0; at < CONNECTIONS; at += 1) {
    connections.push(
      await createConnection({ ...address, ...READER, database: 'asterisk', dateStrings: true }),
    );
  }
  const statement = `SELECT ${LEAD_FIELDS.map((field) => `\`${field}\``).join(', ')} FROM vicidial_list WHERE lead_id = ?`;
  let turn = 0;
  const server = createServer((request, response) => {
    const query = new URLSearchParams(request.url?.slice(request.url.indexOf('?') + 1));
    turn += 1;
    void connections[turn % CONNECTIONS]
      ?.execute<object[]>(statement, [Number(query.get('lead_id'))])
      .then(([row]) => {
        const text = JSON.stringify(
          { result: 'success', lead_info: row, custom_info: null, is_customer: 0 },
          (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value),
        );
        response.writeHead(200, {
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(text),
        });
        response.end(text);
      });
  });
  return listenOnLoopback(server);
}

/** As it is served: every check on, a log line for each lookup; the limit on a caller's rate raised. */
function callercard(): Promise<string> {
  const config = dialerConfig(address, READER, { rateLimit: 1_000_000, logLevel: 'info' });
  return createApp(config, { log: createLog('info', 1) }).listen();
}

await serveBenchmark(() => (kind === 'bare' ? bareLookup() : callercard()));
