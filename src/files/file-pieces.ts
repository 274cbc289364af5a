/** What a format cannot hold, by a clause that names it: how many values are concerned. */
export type Losses = Map<string, number>;

const PIECE_CHARACTERS = 64 * 1024;

/** Lines put together to pieces that are worth a write. */
export async function* gather(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let text = '';
  for await (const line of lines) {
    text += line;
    if (text.length < PIECE_CHARACTERS) continue;
    yield text;
    text = '';
  }
  yield text;
}

export function countLoss(losses: Losses, what: string): void {
  losses.set(what, (losses.get(what) ?? 0) + 1);
}
