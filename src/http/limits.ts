/** Limits of one request and one connection; beyond them a request is refused before any password is hashed or any row is read. */
export const LIMITS = {
  /** Node keeps headers in memory until they are complete; browsers and proxies send 2 to 8 KiB. */
  headerBytes: 16 * 1024,
  /** The longest documented request has under 1 KiB; 8 KiB is what proxies take. */
  urlBytes: 8 * 1024,
  /** No client sends 100 parameters of the longest kind; larger bodies are refused by their length alone. */
  bodyBytes: 64 * 1024,
  /** A request must be complete by then; a client that sends single bytes would hold a connection for ever. */
  requestMs: 10_000,
  /** The same for headers alone. */
  headersMs: 8_000,
  /** For the TLS handshake, which is three messages. */
  handshakeMs: 5_000,
  /** How often Node looks for connections beyond these limits; its default of 30 s would turn 10 s into up to 40. */
  checkMs: 1_000,
  /** Longer than the 60 s of proxies: they must close first, or a request meets a closing connection. */
  keepAliveMs: 65_000,
  /** Unanswered requests on one connection: all are worked on at once, and take memory. No known client sends as many. */
  requestsAtOnce: 16,
  /**
   * Unanswered requests of all connections. Beyond, a connection with several of them is closed: a client that waits for each
   * answer has one, and each takes about 10 KiB until it is answered or given up.
   */
  requestsInAll: 8_192,
  /**
   * Requests of all connections that are not whole or not answered yet, bodies included. Beyond, those with the most are closed:
   * 64 MiB are 256 of the largest bodies at once.
   */
  heldBytes: 64 * 1024 * 1024,
  /** Answers of all connections that wait to be read. Beyond, those with the most are closed. */
  unsentBytes: 64 * 1024 * 1024,
  /**
   * Bytes of pages that are the same for everybody, a second for one network; twice that at once. A card's are 60 KiB and
   * stay in the browser. The system keeps what is not read: at 1.5 GB it slows down every connection of the machine.
   */
  networkPageBytes: 16 * 1024 * 1024,
  /**
   * Requests of all connections that one tick of the event loop takes; the others are shed. As many as 256
   * clients have when each waits for its answer: those are not too much, only slower.
   */
  requestsPerTick: 256,
  /** Health checks and requests for metrics, which one tick takes beside these: their senders are few. */
  checksPerTick: 64,
  /** How long a tick takes more than these, so that short bursts are answered. */
  tickMs: 25,
  /** A client must end its side of a broken connection by then, after its answer: it could hold it for ever. */
  lingerMs: 1_000,
  /** An answer must have left by then: Node keeps those of clients that do not read for ever. */
  unreadMs: 10_000,
} as const;
