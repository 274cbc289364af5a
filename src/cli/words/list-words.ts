/** What `list` prints for a person. Names that it gets are printable. */
export interface ListWords {
  readonly noLists: string;
  readonly columns: readonly string[];
  /** Every status. */
  readonly any: string;
  renamed(listId: number, name: string): string;
  badName(reasons: string): string;
  readonly namesTooLong: string;
  readonly moveToItself: string;
  hasLeads(listId: number, count: number): string;
  stopped(moved: number, listId: number): string;
  moved(count: number, to: number): string;
  leadAdded(listId: number): string;
  deleted(listId: number): string;
  /** @param more beyond those that are named */
  namedBy(listId: number, names: string, more: number): string;
  noSuchList(listId: number): string;
  lostFields(to: number, fields: string): string;
  bared(to: number, fields: string, from: number): string;
  leadBusy(leadId: number): string;
}
