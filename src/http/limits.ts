/** Limits of one request; beyond them it is refused before any password is hashed or any row is read. */
export const LIMITS = {
  headerBytes: 16 * 1024,
  urlBytes: 8 * 1024,
  bodyBytes: 64 * 1024,
  /** A request must be there in full by then. */
  requestMs: 10_000,
  headersMs: 8_000,
  /** From the connection to the end of the TLS handshake. */
  handshakeMs: 5_000,
  /** How often Node looks for connections that are over the two limits above. */
  checkMs: 1_000,
  keepAliveMs: 65_000,
  /** Requests on one connection that wait for their answer. */
  requestsAtOnce: 256,
  /** An answer must have left by then; a client that does not read is let go. */
  unreadMs: 10_000,
} as const;
