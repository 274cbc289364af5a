/** So many are answered by one statement; more make another one. */
const MOST_TOGETHER = 100;

interface Waiting<Asked, Answer> extends PromiseWithResolvers<Answer> {
  readonly asked: Asked;
}

/**
 * What is asked in one tick of the event loop is answered by one statement: load makes fewer of them, not more.
 *
 * @param answerAll gives an answer for each that is asked, in their order
 */
export function createTickBatch<Asked, Answer>(
  answerAll: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
): (asked: Asked) => Promise<Answer> {
  let waiting: Waiting<Asked, Answer>[] = [];

  async function answer(some: readonly Waiting<Asked, Answer>[]): Promise<void> {
    try {
      const answers = await answerAll(some.map(({ asked }) => asked));
      for (const [at, { resolve }] of some.entries()) resolve(answers[at] as Answer);
    } catch (cause) {
      for (const { reject } of some) reject(cause);
    }
  }

  function flush(): void {
    const all = waiting;
    waiting = [];
    for (let at = 0; at < all.length; at += MOST_TOGETHER) void answer(all.slice(at, at + MOST_TOGETHER));
  }

  return (asked) => {
    if (waiting.length === 0) setImmediate(flush);
    const one = { asked, ...Promise.withResolvers<Answer>() };
    waiting.push(one);
    return one.promise;
  };
}
