import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { assertNothingWritten } from './leaks.ts';
import { temporaryFolder } from './test-app.ts';

export const ROOT = join(import.meta.dirname, '..', '..');
const COMMAND = join(ROOT, 'bin', 'callercard');

/** What a command left behind. */
export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** The folder in which it runs. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Its standard input; none by default. */
  readonly input?: string;
  /** As which user and group it runs; only root may choose. */
  readonly uid?: number;
}

/** This process's environment without settings of ours: what a test says is all that counts. */
export function plainEnvironment(changes: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const ours = /^(?:CALLERCARD_.*|HOST|PORT|NODE_OPTIONS|NODE_TEST_CONTEXT)$/;
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
  // What is printed is asserted in English, whatever the machine speaks.
  return { ...kept, LC_ALL: 'C', ...changes };
}

const compileCaches = new Map<number, string>();

/** The environment of a command, and as which user it runs, who has a compile cache as this one has. */
function asUser(uid: number | undefined, env: Readonly<Record<string, string>>) {
  if (uid === undefined) return { env: plainEnvironment(env) };
  const cache = compileCaches.get(uid) ?? temporaryFolder();
  compileCaches.set(uid, cache);
  chownSync(cache, uid, uid);
  return { env: plainEnvironment({ NODE_COMPILE_CACHE: cache, ...env }), uid, gid: uid };
}

/** A command that should have ended long ago is ended, so that a test fails instead of waiting for ever. */
const HANGS_AFTER_MS = 60_000;

/** Runs `callercard ARGS...` to its end, as a shell would. */
export async function runCallercard(
  args: readonly string[],
  { cwd, env = {}, input, uid }: CommandOptions,
): Promise<Ran> {
  const limit = { timeout: HANGS_AFTER_MS, killSignal: 'SIGKILL' } as const;
  const options = { cwd, ...asUser(uid, env), ...limit };
  const child = spawn(process.execPath, [COMMAND, ...args], options);
  // A command that ends without reading its input is no fault of the test.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = once(child, 'close') as Promise<[Ran['code'], Ran['signal']]>;
  const [stdout, stderr, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const secrets = secretsOf(args, env, input);
  for (const said of [stdout, stderr]) assertNothingWritten(said, secrets);
  return { code, signal, stdout, stderr };
}

/** Passwords that a command was given: in the address of a database, and for a user. No command says one. */
function secretsOf(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input?: string,
): readonly string[] {
  const given = [...args, ...Object.values(env)].flatMap((word) => [
    ...word.matchAll(/\b(?:mariadb|postgres(?:ql)?):\/\/[^:@/\s]+:([^@/\s]{4,})@/g),
  ]);
  return [
    ...given.map(([, password = '']) => password),
    ...(args[0] === 'user' ? (input ?? '').split('\n').filter((line) => line.length >= 8) : []),
  ];
}

export interface RunningServer {
  readonly url: string;
  readonly pid: number;
  /** Everything that it said so far, on both streams. */
  said(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it and everything that it started has ended. */
  ended(): Promise<Pick<Ran, 'code' | 'signal'>>;
}

/** Starts `callercard serve` or `demo` and waits until it says where it answers. */
export function startCallercard(
  args: readonly string[],
  { cwd, env = {}, uid }: CommandOptions,
): Promise<RunningServer> {
  const options = { cwd, ...asUser(uid, { PORT: '0', ...env }) };
  const child = spawn(process.execPath, [COMMAND, ...args], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // The demo's password is published, and stands in the line that it says to paste.
  return watchServer(child, { isSearched: args[0] !== 'demo', secrets: secretsOf(args, env) });
}

export interface WatchOptions {
  /** Whether the process leads a group, which then gets the signals. */
  readonly group?: boolean;
  /** Whether what it said is searched for what no log may hold, once it has ended. */
  readonly isSearched?: boolean;
  readonly secrets?: readonly string[];
}

/**
 * Waits until a server that was just started says its URL.
 *
 * @throws {Error} it ended before; with what it said
 */
export async function watchServer(
  child: ChildProcess,
  { group = false, isSearched = true, secrets = [] }: WatchOptions = {},
): Promise<RunningServer> {
  let output = '';
  let hasUrl = false;
  let isHeard: (url: string) => void;
  const url = new Promise<string>((resolve) => (isHeard = resolve));
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      output += piece;
      if (hasUrl) return;
      const heard = /(?:callercard demo:|callercard answers at) (https?:\/\/[^\s/]+)\s/.exec(output)?.[1];
      hasUrl = heard !== undefined;
      if (heard !== undefined) isHeard(heard);
    });
  }
  const closed = once(child, 'close') as Promise<[Ran['code'], Ran['signal']]>;
  const first = await Promise.race([url, closed]);
  if (typeof first !== 'string') throw new Error(`no server: exit code ${String(first[0])}\n${output}`);
  return {
    url: first,
    pid: child.pid ?? 0,
    said: () => output,
    kill: (signal) => {
      if (group && child.pid !== undefined) process.kill(-child.pid, signal);
      else child.kill(signal);
    },
    ended: async () => {
      const [code, signal] = await closed;
      if (isSearched) assertNothingWritten(output, secrets);
      return { code, signal };
    },
  };
}

/** Ends a server as an operator would. */
export async function stopServer(server: RunningServer | undefined): Promise<void> {
  if (server === undefined) return;
  server.kill('SIGTERM');
  await server.ended();
}
