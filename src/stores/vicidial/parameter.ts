/** Only these are ever bound: the connector takes a 0 or `false` for a text that it equals in SQL. */
export type Parameter = string | number | bigint | null;
export type Row = readonly unknown[];
