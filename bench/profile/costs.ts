import type { Profiler } from 'node:inspector';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A function, and what it costs by itself, without what it calls. */
export interface Place {
  readonly name: string;
  /**
   * `src/http/fastify.ts:12`, `node:_http_outgoing:300`, `PACKAGE/lib/file.js:7`; `from` before it: native code, called
   * from there; empty: the engine itself.
   */
  readonly where: string;
  /** Of the time in which the process was busy, 0 to 1. */
  readonly share: number;
  readonly microseconds: number;
}

/** What is no work. */
const IDLE = '(idle)';

/**
 * The places of a CPU profile, the costliest first.
 *
 * @param root the folder below which files are named by their path from it
 */
export function costliestPlaces(profile: Profiler.Profile, root: string): readonly Place[] {
  const { nodes, samples = [], timeDeltas = [] } = profile;
  const nodeOf = new Map(nodes.map((node) => [node.id, node]));
  const parentOf = new Map(
    nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)),
  );
  const places = new Map<string, { name: string; where: string; microseconds: number }>();
  let busy = 0;
  for (const [at, id] of samples.entries()) {
    const node = nodeOf.get(id);
    // A sample stands for the time up to the next one.
    const microseconds = Math.max(0, timeDeltas[at + 1] ?? 0);
    if (node === undefined || node.callFrame.functionName === IDLE) continue;
    busy += microseconds;
    const name = node.callFrame.functionName === '' ? '(anonymous)' : node.callFrame.functionName;
    const caller = parentOf.get(id);
    const isNative = node.callFrame.url === '' && caller !== undefined && caller.callFrame.url !== '';
    const where = isNative ? `from ${whereOf(caller.callFrame, root)}` : whereOf(node.callFrame, root);
    const place = places.get(`${name} ${where}`) ?? { name, where, microseconds: 0 };
    place.microseconds += microseconds;
    places.set(`${name} ${where}`, place);
  }
  return [...places.values()]
    .sort((one, other) => other.microseconds - one.microseconds)
    .map((place) => ({ ...place, share: place.microseconds / busy }));
}

function whereOf({ url, lineNumber }: Profiler.Profile['nodes'][number]['callFrame'], root: string): string {
  if (url === '') return '';
  const line = lineNumber + 1;
  if (!url.startsWith('file:')) return `${url}:${line}`;
  const path = relative(root, fileURLToPath(url)).replaceAll('\\', '/');
  return `${path.replace(/^(?:.*\/)?node_modules\//, '')}:${line}`;
}
