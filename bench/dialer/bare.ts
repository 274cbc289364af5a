import { createServer } from 'node:http';

import { createConnection, type Connection, type Prepare } from 'mariadb';

import { LEAD_FIELDS } from '../../src/core/lead.ts';
import type { CustomFields } from '../../src/stores/vicidial/custom-fields.ts';
import { SESSION } from '../../src/stores/vicidial/open-connection.ts';
import { ACCOUNT_WIDTH, expectedParameters, LEAD_WIDTH, type Row } from '../../src/stores/vicidial/rows.ts';
import type { Address } from '../../test/support/root-sql.ts';
import { listenOnLoopback } from '../lookups/target-process.ts';
import { USER } from '../lookups/store.ts';
import { FIRST_LIST, hasCustomFields, listOf, LISTS, READER } from './data.ts';
import { withSchemaCache } from './schema-cache.ts';

/** As many as the product opens by default. */
const CONNECTIONS = 4;

/** The statement for the leads of a list, and the custom fields that come with them. */
interface ListStatement {
  readonly sql: string;
  readonly custom: CustomFields | undefined;
}

/**
 * The least that a lookup can do: query string, the product's own statement for the lead, prepared once on each of a few
 * pipelined connections, JSON. It knows the list of every lead; it checks nobody.
 */
export async function serveBareDialer(address: Address, leads: number): Promise<string> {
  const lists = await readLists(address);
  const run = await openConnections(address);
  const server = createServer((request, response) => {
    const query = new URLSearchParams(request.url?.slice(request.url.indexOf('?') + 1));
    const leadId = Number(query.get('lead_id'));
    const list = lists.get(listOf(leadId, leads));
    if (list === undefined) throw new Error(`there is no lead ${leadId}`);
    void run(list.sql, [...EXPECTED, ...EXPECTED, leadId, USER.name]).then(([row = []]) => {
      const text = JSON.stringify(answerOf(row, list.custom));
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(text),
      });
      response.end(text);
    });
  });
  return listenOnLoopback(server);
}

function readLists(address: Address): Promise<ReadonlyMap<number, ListStatement>> {
  return withSchemaCache(address, async (cache) => {
    const { statements } = await cache.snapshot();
    const lists = new Map<number, ListStatement>();
    for (let listId = FIRST_LIST; listId < FIRST_LIST + LISTS; listId += 1) {
      const fields = await cache.custom(listId);
      const custom = typeof fields === 'string' ? undefined : fields;
      if (hasCustomFields(listId) !== (custom !== undefined))
        throw new Error(`list ${listId} is not as it was made`);
      lists.set(listId, { sql: statements.accountAndLead(custom), custom });
    }
    return lists;
  });
}

/** Statements in turn on each connection, as many at a time as come. */
async function openConnections({ host, port }: Address) {
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const connection = await createConnection({
        ...{ host, port, ...READER, database: 'asterisk' },
        ...{
          collation: 'UTF8MB4_UNICODE_CI',
          rowsAsArray: true,
          dateStrings: true,
          autoJsonMap: false,
          checkDuplicate: false,
        },
      });
      for (const setting of SESSION) await connection.query(setting);
      return { connection, prepared: new Map<string, Promise<Prepare>>() };
    }),
  );
  let turn = 0;
  return async (sql: string, parameters: readonly unknown[]): Promise<Row[]> => {
    turn += 1;
    const next = connections[turn % CONNECTIONS];
    if (next === undefined) throw new Error('there are no connections');
    return (await preparedOn(next, sql)).execute<Row[]>(parameters);
  };
}

/** The account whose lookups are expected, so that its lead comes along. */
const EXPECTED = expectedParameters(USER.password);

interface PreparingConnection {
  readonly connection: Connection;
  readonly prepared: Map<string, Promise<Prepare>>;
}

function preparedOn({ connection, prepared }: PreparingConnection, sql: string): Promise<Prepare> {
  const known = prepared.get(sql);
  if (known !== undefined) return known;
  const preparing = connection.prepare(sql);
  prepared.set(sql, preparing);
  return preparing;
}

function answerOf(row: Row, custom: CustomFields | undefined): object {
  const lead: Record<string, unknown> = {};
  for (const [at, field] of LEAD_FIELDS.entries()) lead[field] = plain(row[ACCOUNT_WIDTH + at]);
  const values: Record<string, unknown> = {};
  // The first is the id of the custom row's lead.
  const first = ACCOUNT_WIDTH + LEAD_WIDTH + 1;
  for (const [at, { label }] of custom?.fields.entries() ?? []) values[label] = plain(row[first + at]);
  return {
    result: 'success',
    lead_info: lead,
    custom_info: custom === undefined ? null : values,
    is_customer: row[ACCOUNT_WIDTH + LEAD_WIDTH - 1] === null ? 0 : 1,
  };
}

function plain(cell: unknown): unknown {
  return typeof cell === 'bigint' ? Number(cell) : cell;
}
