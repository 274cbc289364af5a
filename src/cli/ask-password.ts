import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { LEAST_PASSWORD, MOST_PASSWORD_BYTES } from '../auth/password-rules.ts';
import { CommandFailure, EXIT, wrongUse } from '../process/exit-code.ts';
import type { Terminal } from '../process/terminal.ts';
import { accountWords } from './words/account.ts';

/**
 * Gets a new password from standard input (without its last line break) or from a prompt, typed twice and not
 * shown.
 *
 * @throws {CommandFailure} there is no terminal to ask at, the two differ, or it is empty or too long
 */
export async function askPassword(terminal: Terminal, fromStdin: boolean): Promise<string> {
  const words = accountWords().password;
  const password = fromStdin
    ? (await text(terminal.stdin)).replace(/\r?\n$/, '')
    : await promptTwice(terminal);
  if (password === '') throw wrongUse(words.empty);
  if (Buffer.byteLength(password) > MOST_PASSWORD_BYTES) {
    throw wrongUse(words.tooLong(MOST_PASSWORD_BYTES));
  }
  if (password.length < LEAST_PASSWORD) {
    terminal.err(`callercard: ${words.short(LEAST_PASSWORD)}`);
  }
  return password;
}

async function promptTwice(terminal: Terminal): Promise<string> {
  const words = accountWords().password;
  if (terminal.stdin.isTTY !== true) {
    throw wrongUse(words.noTerminal);
  }
  const first = await prompt(terminal, words.ask);
  const second = await prompt(terminal, words.again);
  if (first !== second) throw new CommandFailure(words.differ);
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
    throw new CommandFailure(accountWords().password.stopped, EXIT.interrupted, { cause });
  } finally {
    lines.close();
    terminal.stderr.write('\n');
  }
}
