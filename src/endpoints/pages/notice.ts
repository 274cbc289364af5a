/** What went wrong, and what to do. */
export interface Notice {
  readonly title: string;
  readonly text: string;
  /** Nothing is wrong. */
  readonly isCalm?: true;
}

export interface Link {
  readonly href: string;
  readonly label: string;
}
