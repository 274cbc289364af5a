const FRAMES = 6;
/** The place of a stack's line, as far as it helps: the file with its folder. */
const FRAME = /^ {4}at .*?((?:[\w@.-]+\/)?[\w@.-]+:\d+:\d+)\)?$/;

/** What an error is and where it came from. Never its message, which may quote what somebody sent. */
export function describeFault(fault: unknown): string {
  if (!(fault instanceof Error)) return `a thrown ${typeof fault}`;
  const { code } = fault as NodeJS.ErrnoException;
  const what = typeof code === 'string' && /^\w+$/.test(code) ? `${nameOf(fault)} ${code}` : nameOf(fault);
  const frames = framesOf(fault).flatMap((line) => FRAME.exec(line)?.[1] ?? []);
  return [what, ...frames.slice(0, FRAMES)].join(' < ');
}

/** A line of the stack below the message, which could hold lines that look like it. */
function framesOf({ message, stack = '' }: Error): readonly string[] {
  return stack.slice(Math.max(0, stack.indexOf(message)) + message.length).split('\n');
}

/** The kind of error; anybody can call an error anything. */
function nameOf({ name }: Error): string {
  return /^\w{1,60}$/.test(name) ? name : 'Error';
}
