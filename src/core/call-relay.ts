/** What a relay reports to the process that it works for. */
export interface RelayListener {
  /** A text came, this process' own among them. */
  take(text: string): void;
  /** It can send, maybe again: what could not be sent may be tried. */
  canSend(): void;
  /** It can send, and hears what others send from now on: what came before may have been missed. */
  joined(): void;
  /** @param reason the kind of error, such as ECONNREFUSED; it holds no secret */
  fault(reason: string): void;
}

/** A text for every process, which is kept as the last one of a user. */
export interface RelayedText {
  /** The user. */
  readonly key: string;
  readonly text: string;
  /** When it was written, by the clock of its process: milliseconds since 1970. */
  readonly at: number;
  /** How long it is kept. */
  readonly keptMs: number;
}

/** Carries texts between the processes of an installation, by a server that they share. */
export interface CallRelay {
  /** Whether texts can be sent and are heard, as far as is known. */
  isJoined(): boolean;
  /** Rejects where it was not taken; it may have been where the connection was lost. */
  send(sent: RelayedText): Promise<void>;
  /** The text that is kept for a user. Rejects where it cannot be read. */
  read(key: string): Promise<string | undefined>;
  close(): Promise<void>;
}

export type OpenRelay = (listener: RelayListener) => CallRelay;
