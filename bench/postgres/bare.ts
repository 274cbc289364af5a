import { createServer } from 'node:http';

import { LEAD_FIELDS } from '../../src/core/lead.ts';
import type { Row } from '../../src/stores/network/connector.ts';
import { poolAddress, type PostgresqlConfig } from '../../src/stores/postgresql/address.ts';
import { quoted } from '../../src/stores/postgresql/rows.ts';
import { listenOnLoopback } from '../lookups/target-process.ts';

/** As many as the product opens by default for lookups. */
const CONNECTIONS = 4;

const COLUMNS = LEAD_FIELDS.map((field) => `leads.${quoted(field)}`).join(', ');
const SQL = `SELECT users.verifier, users.active, users.rights, ${COLUMNS}, leads.is_customer
  FROM users LEFT JOIN leads ON leads.lead_id = $2 WHERE users.identity = $1`;
/** Of the user. */
const BEFORE = 3;

/**
 * The least that a lookup can do: query string, one statement for user and lead, prepared once on each of a few pipelined
 * connections, JSON. It checks no password.
 */
export async function serveBarePostgres(config: PostgresqlConfig): Promise<string> {
  const address = poolAddress(config);
  const [at] = address.servers;
  if (at === undefined) throw new Error('there is no server');
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => address.open(at)));
  let turn = 0;
  const server = createServer((request, response) => {
    const query = new URLSearchParams(request.url?.slice(request.url.indexOf('?') + 1));
    turn += 1;
    const connection = connections[turn % CONNECTIONS];
    if (connection === undefined) throw new Error('there are no connections');
    void connection.execute(SQL, [query.get('goUser'), Number(query.get('lead_id'))]).then(([row = []]) => {
      const text = JSON.stringify(answerOf(row));
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(text),
      });
      response.end(text);
    });
  });
  return listenOnLoopback(server);
}

function answerOf(row: Row): object {
  const lead = Object.fromEntries(LEAD_FIELDS.map((field, at) => [field, row[BEFORE + at]]));
  const isCustomer = row[BEFORE + LEAD_FIELDS.length] === true;
  return { result: 'success', lead_info: lead, custom_info: null, is_customer: isCustomer ? 1 : 0 };
}
