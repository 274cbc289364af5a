import { parentPort } from 'node:worker_threads';

import { bcryptDigest } from './eksblowfish.ts';

export interface BcryptTask {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly cost: number;
}

export type BcryptAnswer = { readonly digest: string } | { readonly failure: unknown };

// The thread that `createBcrypt` starts. One task after the other, answered in the order in which they came.
parentPort?.on('message', (task: BcryptTask) => parentPort?.postMessage(answer(task)));

function answer({ password, salt, cost }: BcryptTask): BcryptAnswer {
  try {
    return { digest: bcryptDigest(Buffer.from(password), salt, cost) };
  } catch (failure) {
    return { failure };
  }
}
