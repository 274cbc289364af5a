/** Answers that another process owes, each by the number of its question; the numbers begin with 1. */
export interface PendingReplies<Answer> {
  /** Asks, and waits so many milliseconds at most; then the answer is `late`. */
  ask(send: (id: number) => void, ms: number, late: Answer): Promise<Answer>;
  /** Takes an answer; one that nobody waits for is no news. */
  take(id: number, answer: Answer): void;
  /** Nobody will answer any more. */
  takeForAll(answer: Answer): void;
}

export function createPendingReplies<Answer>(): PendingReplies<Answer> {
  const asked = new Map<number, (answer: Answer) => void>();
  let asks = 0;

  return {
    async ask(send, ms, late) {
      const id = (asks += 1);
      const answer = Promise.withResolvers<Answer>();
      asked.set(id, answer.resolve);
      const timer = setTimeout(() => answer.resolve(late), ms);
      send(id);
      try {
        return await answer.promise;
      } finally {
        clearTimeout(timer);
        asked.delete(id);
      }
    },
    take: (id, answer) => asked.get(id)?.(answer),
    takeForAll(answer) {
      for (const resolve of asked.values()) resolve(answer);
    },
  };
}
