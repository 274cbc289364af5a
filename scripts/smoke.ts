/**
 * `npm run smoke`: what a newcomer does. Clones HEAD into a temporary folder, runs `npm start` there, pastes the curl
 * examples of docs/get-customer-information.txt and compares the answers with the example response of the same page.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { findFreePort } from '../test/support/free-port.ts';
import { hasEnded } from '../test/support/process-tree.ts';
import { takesConnections } from '../test/support/takes-connections.ts';
import { until } from '../test/support/until.ts';

const root = path.resolve(import.meta.dirname, '..');
const execute = promisify(execFile);

const startLimitMs = 180_000;
const stopLimitMs = 10_000;
const curlLimitMs = 30_000;

type Page = { get: string; post: string; response: string };

type Server = { process: ChildProcess; url: string; output: () => string };

/** Reads the examples out of the page as they are printed there. */
function readPage(file: string): Page {
  const page = readFileSync(file, 'utf8');
  const find = (what: string, pattern: RegExp): string => {
    const found = pattern.exec(page)?.[1];
    if (found === undefined) throw new Error(`${file} has no ${what}`);
    return found;
  };
  return {
    get: find('GET example', /^(curl -X GET .*)$/m),
    post: find('POST example', /^(curl -X POST (?:.*\\\n)*.*)$/m),
    response: find('example response', /Example Response\s+(\{[^]*?^\})$/m),
  };
}

/** Fills in what the page leaves to the reader. `MyUser` and `MyPass` are what the demo really has. */
function fillIn(example: string, url: string): string {
  return example
    .replace('https://DOMAIN.croco-dial.net', url)
    .replace(/PhoneNumer|Phone_Number/, '8004321000')
    .replace('MyLeadID', '14246');
}

/** A newcomer's environment: without the Node.js that runs this script, and without settings of ours. */
function newcomersEnvironment(port: number): NodeJS.ProcessEnv {
  const ours = /^(CALLERCARD_.*|HOST|PORT|NODE_ENV)$/;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
  const [first, ...others] = (process.env.PATH ?? '').split(path.delimiter);
  // bin/with-node.mjs has put its Node.js first; the machine's own follows, maybe the same one.
  const searchPath = first === path.dirname(process.execPath) ? others : [first, ...others];
  return { ...env, PATH: searchPath.join(path.delimiter), PORT: String(port) };
}

function startServer(folder: string, port: number): Server {
  // Its own process group, so that cleaning up after a failure reaches all of npm's descendants.
  const options = { cwd: folder, env: newcomersEnvironment(port), detached: true };
  const child = spawn('npm', ['start'], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  child.on('error', (error) => (output += String(error)));
  return { process: child, url: `http://127.0.0.1:${port}`, output: () => output };
}

/** Ends whatever is left of the server, at once. */
function killGroup({ process: { pid } }: Server): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is left.
  }
}

/** Like JSON.stringify, the comparison keeps the order of keys: old clients' parsers may rely on it. */
function normalize(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

function check(what: string, expected: unknown, got: unknown): void {
  if (expected !== got) throw new Error(`${what}\nexpected: ${String(expected)}\ngot: ${String(got)}`);
  console.log(`ok: ${what}`);
}

async function checkExample(what: string, example: string, { url }: Server, expected: string): Promise<void> {
  const env = { ...process.env, no_proxy: '127.0.0.1' };
  const command = fillIn(example, url);
  const { stdout } = await execute('bash', ['-c', command], { env, timeout: curlLimitMs });
  check(`${what} answers with the example response`, normalize(expected), normalize(stdout));
}

async function checkServer(server: Server, port: number, page: Page): Promise<void> {
  const child = server.process;
  const hasUrl = () => server.output().includes(server.url);
  await until('the URL', () => hasUrl() || hasEnded(child), 100, startLimitMs);
  check('npm start prints its URL', true, hasUrl());

  await checkExample('GET as printed in the documentation', page.get, server, page.response);
  await checkExample('POST as printed in the documentation', page.post, server, page.response);

  child.kill('SIGTERM');
  const isOver = async () => hasEnded(child) && !(await takesConnections(port));
  await until('the end after SIGTERM', isOver, 100, stopLimitMs);
  check(
    `SIGTERM to npm start ends it and closes the port within ${stopLimitMs / 1000} s`,
    true,
    await isOver(),
  );
}

async function smoke(temporary: string): Promise<void> {
  const clone = path.join(temporary, 'callercard');
  await execute('git', ['clone', '--quiet', root, clone]);
  check('a fresh clone has no packages yet', false, existsSync(path.join(clone, 'node_modules')));

  const port = await findFreePort();
  const server = startServer(clone, port);
  const abandon = () => {
    killGroup(server);
    process.exit(1);
  };
  process.once('SIGINT', abandon).once('SIGTERM', abandon);
  try {
    await checkServer(server, port, readPage(path.join(clone, 'docs/get-customer-information.txt')));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`failed: ${reason}\n\nnpm start said:\n${server.output()}`, { cause: error });
  } finally {
    killGroup(server);
  }
}

const temporary = mkdtempSync(path.join(tmpdir(), 'callercard-smoke-'));
process.once('exit', () => {
  rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
});
try {
  await smoke(temporary);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
