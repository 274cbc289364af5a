/** Takes away what is not needed for bytes to fail, for so long at most, in milliseconds. */
export async function shrink(
  bytes: Buffer,
  fails: (smaller: Buffer) => Promise<boolean>,
  lastMs = 20_000,
): Promise<Buffer> {
  const end = performance.now() + lastMs;
  let smallest = bytes;
  for (let size = Math.ceil(bytes.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.length;) {
      if (performance.now() > end) return smallest;
      const smaller = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
      if (smaller.length > 0 && (await fails(smaller))) smallest = smaller;
      else at += size;
    }
  }
  return smallest;
}
