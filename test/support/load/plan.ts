/** What one process of clients does. */
export interface LoadPlan {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /**
   * Requests a second, sent when they are due whether earlier ones are answered or not. Undefined: each connection asks
   * again once it has its answer.
   */
  readonly perSecond?: number | undefined;
  /** Path and query of each request. */
  readonly targets: readonly string[];
  /** The query travels as the form of a POST; undefined: as it is, in a GET. */
  readonly asForm?: true | undefined;
  /** `random`, or `once`: in order, and it ends with the last. */
  readonly order: 'random' | 'once';
}

/** Milliseconds of the answers of one kind, from the moment that the request was sent. */
export interface Times {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What came of a plan. */
export interface LoadFigures {
  readonly seconds: number;
  /** Requests that were due. */
  readonly due: number;
  /** Of these, those for which no connection was free, or this process no time. */
  readonly unsent: number;
  /** 200 with a lead. */
  readonly answered: Times;
  /** 200 with an error of the protocol. */
  readonly refused: Times;
  /** 503 with `Retry-After`. */
  readonly overloaded: Times;
  /** 429 with `Retry-After`. */
  readonly limited: Times;
  /** Anything else, one of each kind in words: it must not be there. */
  readonly wrong: number;
  readonly wrongWords: readonly string[];
}
