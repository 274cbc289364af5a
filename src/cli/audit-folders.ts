import { existsSync } from 'node:fs';

import { auditFolderOf } from '../config/audit-folder.ts';
import type { Config, SettingName } from '../config/settings.ts';
import { CommandFailure, EXIT } from '../process/exit-code.ts';

/** The settings that say where the audit is. */
export const AUDIT_SETTINGS: readonly SettingName[] = ['database', 'stateFile', 'audit'];

/**
 * The folder of a configured audit.
 *
 * @throws {CommandFailure} there is none
 */
export function configuredAudit(config: Config): string {
  const folder = auditFolderOf(config);
  if (folder === undefined) {
    throw new CommandFailure('the audit is off (setting audit); name the folder of one', EXIT.usage);
  }
  return existingAudit(folder);
}

/** @throws {CommandFailure} there is no such folder */
export function existingAudit(folder: string): string {
  if (!existsSync(folder)) {
    throw new CommandFailure(`there is no audit in ${folder}; it begins with the first "callercard serve"`);
  }
  return folder;
}

/** What the file system says about an audit, for the person who gave the command. */
export function auditFailure(folder: string, cause: unknown): unknown {
  if ((cause as NodeJS.ErrnoException | undefined)?.syscall === undefined) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CommandFailure(
    `the audit in ${folder} cannot be read (${reason}); run this as the user of the server`,
    EXIT.failed,
    { cause },
  );
}
