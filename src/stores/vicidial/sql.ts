/** What is ever bound to a placeholder: the connector takes a 0 or `false` for a text that it equals in SQL. */
export type Parameter = string | number | bigint | null;
export type Row = readonly unknown[];
export type Read = (sql: string, parameters: readonly Parameter[]) => Promise<readonly Row[]>;

/** A cell as text: columns of other kinds, where an operator changed them, too. */
export function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

/** A name as SQL takes it, whatever is in it. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** The connector sends a number beyond 31 bits as a fraction, unless it is a bigint. */
export function wholeNumber(id: number): Parameter {
  return id < 2 ** 31 ? id : BigInt(id);
}

/** A user name as parameter; null, which equals nothing, for one that the server could compare only by converting the column. */
export function bindableName(name: string): Parameter {
  return /[\ud800-\udfff]/.test(name) ? null : name;
}
