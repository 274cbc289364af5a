/** What happens to a store while it is used, for the log. */
export interface StoreEvent {
  readonly level: 'info' | 'warn' | 'error';
  /** One sentence, without secrets. */
  readonly message: string;
  readonly cause?: unknown;
}

export type TellStoreEvent = (event: StoreEvent) => void;
