/** One thing that `callercard check` looked at. */
export interface Inspection {
  readonly level: 'ok' | 'advice' | 'problem';
  readonly subject: string;
  readonly message: string;
  /** What to do about it, for everything that is not ok. */
  readonly advice?: string;
}
