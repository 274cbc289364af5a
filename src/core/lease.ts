/** What one process of an installation does, and no other at the same time. */
export interface Lease {
  /**
   * Whether this process may do it at this moment; to be asked before each step that must not be done twice. It is true for
   * one process at most, also where another one was frozen or cut off.
   */
  isHeld(): boolean;
  /** Gives it up, so that another process may have it. */
  close(): Promise<void>;
}

export interface LeaseListener {
  /** This process is the one, from now on. */
  taken(): void;
  /** It is no more: what was begun is to be stopped. */
  lost(): void;
}

/** @param name the same in every process, such as `asterisk acme` */
export type OpenLease = (name: string, listener: LeaseListener) => Lease;
