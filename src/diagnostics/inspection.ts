import type { Inspection } from '../core/store.ts';

/** Nothing to do. */
export function ok(subject: string, message: string): Inspection {
  return { level: 'ok', subject, message };
}

/** It works, but could be better. */
export function advise(subject: string, message: string, advice: string): Inspection {
  return { level: 'advice', subject, message, advice };
}

/** Something does not work; `callercard check` ends with an exit code that says so. */
export function problem(subject: string, message: string, advice: string): Inspection {
  return { level: 'problem', subject, message, advice };
}
