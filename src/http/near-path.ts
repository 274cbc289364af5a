/**
 * Finds the documented path that somebody meant whose path differs only in letter case, in doubled slashes or in one at the
 * end.
 *
 * @param documented paths without parameters
 * @returns for a request's target, the documented path; undefined where it is another one, or is that very path
 */
export function createNearPath(documented: readonly string[]): (target: string) => string | undefined {
  const byPlainPath = new Map(documented.map((path) => [plain(path), path]));
  return (target) => {
    const [path = ''] = target.split(/[?#]/, 1);
    if (path.length > LONGEST || documented.includes(path)) return undefined;
    return byPlainPath.get(plain(path));
  };
}

/** No documented path is as long; what comes from strangers is not looked at further. */
const LONGEST = 200;

function plain(path: string): string {
  const single = path.replace(/\/{2,}/g, '/').toLowerCase();
  return single.endsWith('/') ? single.slice(0, -1) : single;
}
