import type { Worker } from 'node:cluster';

/** A connection, as the primary has it. */
interface Handle {
  close(): void;
}

/**
 * Node's primary takes connections, hands them to its workers one by one, and keeps each open until the worker says that
 * it has it. A worker that is killed before never says so: that connection would stay open with nobody behind it, and its
 * client wait for as long as its own patience lasts.
 *
 * @returns closes the connection that was on its way; to be called when the worker has ended
 */
export function trackHandoff({ process: child }: Worker): () => void {
  const send = child.send.bind(child) as (...parameters: readonly unknown[]) => boolean;
  let last: Handle | undefined;
  child.send = (...parameters: readonly unknown[]): boolean => {
    const [message, handle] = parameters;
    if (isConnection(message)) last = handle as Handle | undefined;
    return send(...parameters);
  };
  // Closed already where the worker had it: then nothing happens.
  return () => last?.close();
}

/** As lib/internal/cluster/round_robin_handle.js of Node.js says it; what is said otherwise one day is only not seen. */
function isConnection(message: unknown): boolean {
  return (message as { readonly act?: unknown } | null)?.act === 'newconn';
}
