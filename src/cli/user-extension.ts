import { userIdentity } from '../auth/lockout.ts';
import type { UserDirectory } from '../core/account-store.ts';
import { CommandFailure, wrongUse } from '../process/exit-code.ts';
import { printable } from '../process/terminal.ts';

export const EXTENSION_HELP =
  "the user's telephone as the telephone system calls it (1001), for calls that open the card by themselves";

/** @throws {CommandFailure} it is none */
export function readExtension(text: string | undefined): string | undefined {
  if (text === undefined || /^[^\s\p{C},=]{0,64}$/u.test(text)) return text;
  throw wrongUse(
    `--extension takes 1 to 64 characters without spaces, commas and = (1001), or '' for none, not "${printable(text)}"`,
  );
}

/** @throws {CommandFailure} somebody else has it */
export async function refuseTaken(
  users: UserDirectory,
  name: string,
  extension: string | undefined,
): Promise<void> {
  if (extension === undefined || extension === '') return;
  const owner = (await users.list()).find((user) => user.extension === extension);
  if (owner === undefined || userIdentity(owner.name) === userIdentity(name)) return;
  const who = printable(owner.name);
  throw new CommandFailure(
    `the extension ${printable(extension)} is that of the user ${who}; take it away first: callercard user set ${who} --extension ''`,
  );
}
