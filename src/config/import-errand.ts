import type { ImportActor, ImportAsked, ImportWork, JobFiles } from '../core/import-job.ts';
import type { DomainConfig } from './settings.ts';

/** What a process that works on one imported file is told, by a message: nothing of it stands in the list of processes. */
export interface ImportErrand {
  readonly domain: Pick<DomainConfig, 'name' | 'config'>;
  readonly files: JobFiles;
  readonly work: ImportWork;
  readonly options: ImportAsked;
  /** Of the history, for an undo. */
  readonly importId?: number | undefined;
  readonly by: ImportActor;
  /** It is stopped after this time. */
  readonly limitMs: number;
}
