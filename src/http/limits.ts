/** Limits of one request and one connection; beyond them a request is refused before any password is hashed or any row is read. */
export const LIMITS = {
  /** Node keeps headers in memory until they are complete; browsers and proxies send 2 to 8 KiB. */
  headerBytes: 16 * 1024,
  /** The longest documented request has under 1 KiB; 8 KiB is what proxies take. */
  urlBytes: 8 * 1024,
  /** No client sends 100 parameters of the longest kind; what is larger is refused by its length alone. */
  bodyBytes: 64 * 1024,
  /** A request must be there in full by then: who sends a byte now and then would hold a connection for ever. */
  requestMs: 10_000,
  /** The same for headers; below `requestMs`, because a request without headers has no right to the rest. */
  headersMs: 8_000,
  /** From the connection to the end of the TLS handshake: three messages; who does not finish was never a client. */
  handshakeMs: 5_000,
  /** How often Node looks for connections that are over the limits above: every 30 s by itself, which makes 10 s up to 40. */
  checkMs: 1_000,
  /** Proxies keep idle connections for 60 s; they must be the first to close, or a request meets a closing connection. */
  keepAliveMs: 65_000,
  /** Requests on one connection that wait for their answer: they are worked on together, and fill the memory. */
  requestsAtOnce: 256,
  /**
   * Requests of all connections that one tick of the event loop takes; the others are shed. As many as 256
   * clients have when each waits for its answer: those are not too much, only slower.
   */
  requestsPerTick: 256,
  /** For so long a tick takes more than these: a short burst is answered, and a refusal is not late itself. */
  tickMs: 25,
  /** An answer must have left by then: of a client that does not read, Node keeps connection and answers for ever. */
  unreadMs: 10_000,
} as const;
