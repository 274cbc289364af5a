/** One server of the benchmark, in a process of its own: `target.ts KIND STORE`. Tells its URL and, when told to stop, its CPU time. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { DatabaseSync } from 'node:sqlite';

import { createApp } from '../../src/app.ts';
import { LEAD_FIELDS } from '../../src/core/lead.ts';
import { createLog } from '../../src/observe/log.ts';
import { benchConfig } from './store.ts';
import { listenOnLoopback, serveBenchmark } from './target-process.ts';

const [, , kind, path] = process.argv;
if (kind === undefined || path === undefined)
  throw new Error('usage: target.ts fixed|sqlite|callercard STORE');

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

/** The least that Node can do: a fixed answer of the same size. */
function fixedAnswer(): Server {
  const row = readLead(1);
  const answer = Buffer.from(
    JSON.stringify({ result: 'success', lead_info: row, custom_info: null, is_customer: 0 }),
  );
  return createServer((_request, response) => {
    response.writeHead(200, { ...JSON_HEADERS, 'content-length': answer.length });
    response.end(answer);
  });
}

/**
 * The least that a lookup can do: query string (or form), one statement, JSON. No password, no rights, no checks, and
 * always by lead_id.
 */
function bareLookup(): Server {
  const database = new DatabaseSync(String(path), { readOnly: true });
  const statement = database.prepare(`SELECT ${LEAD_FIELDS.join(', ')} FROM leads WHERE lead_id = ?`);
  const answer = (response: ServerResponse, parameters: string) => {
    const row = statement.get(Number(new URLSearchParams(parameters).get('lead_id')));
    const text = JSON.stringify({ result: 'success', lead_info: row, custom_info: null, is_customer: 0 });
    response.writeHead(200, { ...JSON_HEADERS, 'content-length': Buffer.byteLength(text) });
    response.end(text);
  };
  return createServer((request, response) => {
    if (request.method === 'GET') {
      answer(response, request.url?.slice(request.url.indexOf('?') + 1) ?? '');
      return;
    }
    let form = '';
    request.setEncoding('latin1').on('data', (piece: string) => (form += piece));
    request.on('end', () => answer(response, form));
  });
}

function readLead(leadId: number): unknown {
  const database = new DatabaseSync(String(path), { readOnly: true });
  try {
    return database.prepare(`SELECT ${LEAD_FIELDS.join(', ')} FROM leads WHERE lead_id = ?`).get(leadId);
  } finally {
    database.close();
  }
}

async function start(): Promise<string> {
  if (kind === 'fixed') return listenOnLoopback(fixedAnswer());
  if (kind === 'sqlite') return listenOnLoopback(bareLookup());
  // As it is served: every check on, a log line for each lookup.
  return createApp(benchConfig(String(path)), { log: createLog('info', 1) }).listen();
}

await serveBenchmark(start);
