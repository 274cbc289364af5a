import { assertNothingLeaks } from '../support/leaks.ts';

/** As the platform's, and searches every answer. */
export const searchedFetch: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init);
  assertNothingLeaks({ headers: Object.fromEntries(answer.headers), text: await answer.clone().text() });
  return answer;
};
