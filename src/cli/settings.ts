import type { Command } from 'commander';

import { showSettings } from '../config/show.ts';
import { EXIT } from '../process/exit-code.ts';
import { addSettingFlags, type CommandHost, configOf } from './settings-flags.ts';
import { writeTable } from '../process/terminal.ts';

export function addSettings(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('settings')
    .description('Shows every setting, its effective value and where it came from; secrets masked.')
    .option('--json', 'as JSON');
  addSettingFlags(command).action((options: { json?: boolean }) =>
    run(() => {
      const shown = showSettings(configOf(options, terminal));
      if (options.json === true) {
        terminal.json(shown, 2);
        return EXIT.ok;
      }
      const rows = shown.map(({ name, value, source, environment = '' }) => [
        name,
        value,
        source,
        environment,
      ]);
      terminal.out(writeTable(['setting', 'value', 'from', 'environment'], rows));
      return EXIT.ok;
    }),
  );
}
