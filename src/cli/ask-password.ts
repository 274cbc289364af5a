import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { LEAST_PASSWORD, MOST_PASSWORD_BYTES } from '../auth/password-rules.ts';
import { CommandFailure, EXIT, wrongUse } from '../process/exit-code.ts';
import type { Terminal } from '../process/terminal.ts';

/**
 * Gets a new password from standard input (without its last line break) or from a prompt, typed twice and not
 * shown.
 *
 * @throws {CommandFailure} there is no terminal to ask at, the two differ, or it is empty or too long
 */
export async function askPassword(terminal: Terminal, fromStdin: boolean): Promise<string> {
  const password = fromStdin
    ? (await text(terminal.stdin)).replace(/\r?\n$/, '')
    : await promptTwice(terminal);
  if (password === '') throw wrongUse('the password is empty');
  if (Buffer.byteLength(password) > MOST_PASSWORD_BYTES) {
    throw wrongUse(`the password is longer than ${MOST_PASSWORD_BYTES} bytes, more than the API takes`);
  }
  if (password.length < LEAST_PASSWORD) {
    terminal.err(
      `callercard: that password is short; ${LEAST_PASSWORD} or more characters are harder to guess`,
    );
  }
  return password;
}

async function promptTwice(terminal: Terminal): Promise<string> {
  if (terminal.stdin.isTTY !== true) {
    throw wrongUse('there is no terminal to ask at; give the password with --password-stdin');
  }
  const first = await prompt(terminal, 'Password: ');
  const second = await prompt(terminal, 'Again: ');
  if (first !== second) throw new CommandFailure('the two passwords differ; nothing was changed');
  return first;
}

/** Asks without showing what is typed: the line editor writes into nothing. */
async function prompt(terminal: Terminal, label: string): Promise<string> {
  terminal.stderr.write(label);
  const nothing = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: terminal.stdin, output: nothing, terminal: true });
  const stopped = new AbortController();
  lines.once('SIGINT', () => stopped.abort());
  try {
    return await lines.question('', { signal: stopped.signal });
  } catch (cause) {
    throw new CommandFailure('stopped; nothing was changed', EXIT.interrupted, { cause });
  } finally {
    lines.close();
    terminal.stderr.write('\n');
  }
}
