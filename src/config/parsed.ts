/** A parsed value, or `fault`: a clause that completes "<setting> …" and never repeats a secret. */
export type Parsed<Value> = { readonly value: Value } | { readonly fault: string };
