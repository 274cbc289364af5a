import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ReportedCall } from '../../../src/core/reported-call.ts';
import { readPhone } from '../../../src/core/phone.ts';
import { createManagerReader, type ManagerMessage } from '../../../src/connectors/asterisk/read-events.ts';
import { CallTracker } from '../../../src/connectors/asterisk/track-calls.ts';
import { ROOT } from '../../support/command.ts';

const FOLDER = join(ROOT, 'test', 'fixtures', 'asterisk');

/** What a manager user heard of a real Asterisk, by the scene's name. */
export const RECORDED: ReadonlyMap<string, string> = new Map(
  readdirSync(FOLDER)
    .sort()
    .map((file) => [file.replace(/^\d+-|\.txt$/g, ''), readFileSync(join(FOLDER, file), 'utf8')]),
);

export function recorded(name: string): string {
  const text = RECORDED.get(name);
  if (text === undefined) throw new Error(`there is no recorded scene ${name}`);
  return text;
}

/** The messages of a text, read in one piece or in those given. */
export function readMessages(chunks: readonly Buffer[]): readonly ManagerMessage[] {
  const messages: ManagerMessage[] = [];
  const reader = createManagerReader({
    banner: () => undefined,
    message: (message) => messages.push(message),
  });
  for (const chunk of chunks) if (!reader.read(chunk)) throw new Error('this is no manager interface');
  return messages;
}

export const eventsOf = (text: string): readonly ManagerMessage[] => readMessages([Buffer.from(text)]);

/** Made-up events: the fields that count, in short. */
export function event(name: string, fields: Readonly<Record<string, string>>): ManagerMessage {
  return new Map(Object.entries({ Event: name, Privilege: 'call,all', ...fields }));
}

/** Who has which telephone in the scenes. */
export const AGENTS: ReadonlyMap<string, string> = new Map([
  ['1001', 'ana'],
  ['1002', 'luis'],
  ['sales-eva', 'eva'],
]);

export function createTracker(now = () => 0): CallTracker {
  return new CallTracker({
    agentOf: (extension) => AGENTS.get(extension),
    isNumber: (text) => !('fault' in readPhone(text, 'MX')),
    now,
  });
}

/** A report in a line: `ana ringing inbound +523311110001 5000`. */
export function lineOf({ agent, state, direction, phone, line, answeredBy, outcome }: ReportedCall): string {
  const end =
    state === 'ended' ? [outcome, answeredBy === undefined ? undefined : `by ${answeredBy}`] : [line];
  return [agent, state, ...(state === 'ended' ? [] : [direction, phone]), ...end]
    .filter((part) => part !== undefined)
    .join(' ');
}

export function reportsOf(
  events: readonly ManagerMessage[],
  tracker = createTracker(),
): readonly ReportedCall[] {
  return events.flatMap((message) => tracker.take(message));
}

export function linesOf(events: readonly ManagerMessage[], tracker = createTracker()): readonly string[] {
  return reportsOf(events, tracker).map(lineOf);
}
