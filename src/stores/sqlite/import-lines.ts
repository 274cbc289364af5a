import type { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * Which line of the file was the first to name a lead, kept in a temporary table because a file may have more
 * lines than fit into memory. Leads that follow one another as their lines do share one row.
 */
export class ImportLines {
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #database: DatabaseSync;
  #firstLead = 0;
  #firstLine = 0;
  #count = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(
      `DROP TABLE IF EXISTS temp.import_lines;
       CREATE TEMP TABLE import_lines (first_lead INTEGER PRIMARY KEY, first_line INTEGER NOT NULL, count INTEGER NOT NULL)`,
    );
    this.#insert = database.prepare('INSERT INTO import_lines VALUES (?, ?, ?)');
    this.#find = database.prepare(
      `SELECT first_line + (?1 - first_lead) AS line, ?1 < first_lead + count AS covers
       FROM import_lines WHERE first_lead <= ?1 ORDER BY first_lead DESC LIMIT 1`,
    );
  }

  /** To be called once for each lead. */
  remember(leadId: number, line: number): void {
    if (this.#count > 0) {
      if (leadId === this.#firstLead + this.#count && line === this.#firstLine + this.#count) {
        this.#count++;
        return;
      }
      this.#insert.run(this.#firstLead, this.#firstLine, this.#count);
    }
    this.#firstLead = leadId;
    this.#firstLine = line;
    this.#count = 1;
  }

  /** The line that named the lead first, or undefined. */
  lineOf(leadId: number): number | undefined {
    const offset = leadId - this.#firstLead;
    if (offset >= 0 && offset < this.#count) return this.#firstLine + offset;
    const row = this.#find.get(leadId);
    return row?.covers === 1 ? Number(row.line) : undefined;
  }

  drop(): void {
    this.#database.exec('DROP TABLE temp.import_lines');
  }
}
