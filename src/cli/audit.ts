import type { Command } from 'commander';

import { addAuditSearch } from './audit-search.ts';
import { addAuditVerify } from './audit-verify.ts';
import type { CommandHost } from './command-host.ts';

export function addAudit(program: Command, host: CommandHost): void {
  const audit = program
    .command('audit')
    .description('Who was told what, and when: the records of every lookup.');
  addAuditSearch(audit, host);
  addAuditVerify(audit, host);
}
