/** What may be taken: it fills up with time, to a brim. Times are monotonic milliseconds. */
export class Allowance {
  #tokens: number;
  #filledAt: number;

  constructor(brim: number, now: number) {
    this.#tokens = brim;
    this.#filledAt = now;
  }

  /** How much is there now. */
  fill(perSecond: number, brim: number, now: number): number {
    this.#tokens = Math.min(brim, this.#tokens + ((now - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = now;
    return this.#tokens;
  }

  /**
   * @param amount may be more than there is: then nothing can be taken until that has come back
   * @returns 0: it was taken; otherwise the whole seconds after which there is one
   */
  take(perSecond: number, brim: number, now: number, amount = 1): number {
    const tokens = this.fill(perSecond, brim, now);
    if (tokens < 1) return Math.max(1, Math.ceil((1 - tokens) / perSecond));
    this.#tokens = tokens - amount;
    return 0;
  }

  /** Takes it whether it is there or not. */
  owe(amount: number): void {
    this.#tokens -= amount;
  }
}
