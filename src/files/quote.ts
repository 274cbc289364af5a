const SHOWN = 40;

/** A value from a file for a message: in quotes, on one line, not longer than a person reads. */
export function quote(value: string | null | undefined): string {
  const line = (value ?? '').replace(/\p{Cc}+/gu, ' ');
  return `'${line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line}'`;
}
