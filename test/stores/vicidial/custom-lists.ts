/** A definition of a custom field as the dialer keeps it. */
export interface Definition {
  readonly label: string;
  readonly type?: string;
  readonly rank?: number;
  readonly order?: number;
}

/** Defines the fields of a list; what was defined before is gone. */
export function defineSql(listId: number, definitions: readonly Definition[]): string {
  const rows = definitions.map(
    ({ label, type = 'TEXT', rank = 1, order = 1 }) =>
      `(${listId}, '${label.replaceAll("'", "''")}', 'caption', ${rank}, ${order}, '${type}')`,
  );
  const insert = `INSERT INTO vicidial_lists_fields
    (list_id, field_label, field_name, field_rank, field_order, field_type) VALUES ${rows.join(', ')};`;
  return `DELETE FROM vicidial_lists_fields WHERE list_id = ${listId}; ${rows.length === 0 ? '' : insert}`;
}

/**
 * The custom table of a list, with one row, and READER's right to read it.
 *
 * @param columns of the table, as SQL
 * @param values the row's lead id and the columns' values, as SQL; not given: an empty table
 */
export function tableSql(listId: number, columns: readonly string[], values?: readonly string[]): string {
  const name = `custom_${listId}`;
  return `DROP TABLE IF EXISTS ${name};
    CREATE TABLE ${name} (lead_id int unsigned NOT NULL, ${columns.map((column) => `${column}, `).join('')}PRIMARY KEY (lead_id));
    ${values === undefined ? '' : `INSERT INTO ${name} VALUES (${values.join(', ')});`}
    GRANT SELECT ON ${name} TO callercard@'%';`;
}
