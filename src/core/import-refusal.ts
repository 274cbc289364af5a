/** Why something is not done with an import. */
export type ImportRefusal =
  /** So many files are here already. */
  | { readonly why: 'too_many'; readonly most: number }
  | { readonly why: 'too_large'; readonly mebibytes: number }
  | { readonly why: 'switched_off' }
  | { readonly why: 'disk_full' }
  /** A part does not begin where the file ends, or ends behind it. */
  | { readonly why: 'other_offset'; readonly received: number; readonly size: number }
  | { readonly why: 'not_whole'; readonly received: number; readonly size: number }
  | { readonly why: 'in_work' }
  /** The file is no longer here. */
  | { readonly why: 'file_gone' }
  | { readonly why: 'not_undoable' };

/** A sentence that says what would do. */
export function sayImportRefusal(refusal: ImportRefusal): string {
  switch (refusal.why) {
    case 'too_many':
      return `${refusal.most} files are here already; start or DELETE one of GET /v1/imports first.`;
    case 'too_large':
      return `A file may have at most ${refusal.mebibytes} MiB here (the setting importMegabytes); split it, or import it by command.`;
    case 'switched_off':
      return 'Files are imported by commands alone here (the setting importMegabytes).';
    case 'disk_full':
      return 'The disk of the server has too little room for this file and what it becomes in the store.';
    case 'other_offset':
      return `${refusal.received} of ${refusal.size} bytes are here: the next part begins there, and ends with the file at the latest.`;
    case 'not_whole':
      return `Only ${refusal.received} of ${refusal.size} bytes are here; send the rest first.`;
    case 'in_work':
      return 'It is being worked on; wait until GET says that it has ended, or stop it with DELETE.';
    case 'file_gone':
      return 'The file is no longer here, because its import is done; begin another one.';
    case 'not_undoable':
      return 'It cannot be taken back: it was taken back already, or what it changed is no longer kept (that of the last ten imports is).';
  }
}
