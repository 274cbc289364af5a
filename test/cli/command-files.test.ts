import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Command } from 'commander';

import { COMMAND_FILES } from '../../src/cli/run-command.ts';
import { createTerminal } from '../../src/process/terminal.ts';

describe('the files of the commands', () => {
  it('add the commands by whose names they are loaded, and no others', async () => {
    const terminal = createTerminal(process.stdin, process.stdout, process.stderr);
    for (const { names, load } of COMMAND_FILES) {
      const program = new Command();
      (await load())(program, { terminal, run: () => Promise.resolve() });
      const added = program.commands.flatMap((command) => [command.name(), ...command.aliases()]);
      assert.deepEqual(added, names);
    }
  });
});
