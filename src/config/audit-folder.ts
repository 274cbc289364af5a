import { AUDIT_BESIDE, AUDIT_OFF, type Config } from './settings.ts';

/** The folder of a domain's audit; undefined: it is off. */
export function auditFolderOf({ audit, database, stateFile }: Config): string | undefined {
  if (audit === AUDIT_OFF) return undefined;
  if (audit !== AUDIT_BESIDE) return audit;
  const store = database.engine === 'sqlite' ? database.path : stateFile;
  return `${store.replace(/\.db$/, '')}-audit`;
}
