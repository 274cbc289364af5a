import type { Call, Party } from './agent-calls.ts';
import { dialledNumber, extensionOf, headerOf as header, isLocal } from './channel-name.ts';
import type { ManagerMessage } from './read-events.ts';

export interface PartyOptions {
  /** The agent's user name; undefined: none of the agents has that telephone. */
  readonly agentOf: (extension: string) => string | undefined;
  /** Whether a text is a telephone number that leads may have. */
  readonly isNumber: (text: string) => boolean;
}

/** Whether it is the number of somebody who is no agent. */
export function isOutside(number: string, { agentOf, isNumber }: PartyOptions): boolean {
  return isNumber(number) && agentOf(number) === undefined;
}

/** Who is on the other side of a call that comes to an agent; undefined: an agent, or nobody who shows a number. */
export function partyOf(
  event: ManagerMessage,
  { root }: Call,
  agent: string,
  options: PartyOptions,
): Party | undefined {
  const { agentOf } = options;
  const from = header(event, 'Channel');
  if (!isLocal(from) && agentOf(extensionOf(from)) !== undefined) return undefined;
  const shown = [header(event, 'CallerIDNum'), header(event, 'DestConnectedLineNum'), root?.number ?? ''];
  // Where a program asked for the call there is no caller: the number is the one to be called.
  const numbers = from === '' ? shown.slice(1, 2) : shown;
  const phone = numbers.find((number) => number !== '' && agentOf(number) !== agent);
  if (phone === undefined || !isOutside(phone, options)) return undefined;
  if (from === '' || isLocal(root?.channel ?? '')) return { phone, direction: 'outbound', line: undefined };
  return { phone, direction: 'inbound', line: lineOf(root, options) };
}

/** The number that a caller dialled; other extensions are parts of a dialplan. */
const LINE = /^\+?\d{2,20}$/;

/**
 * @returns undefined for an agent's own number, too: it says nothing; and where an agent began the call, who passes it on: what an
 *   agent dialled is a customer's number, which others may not be allowed to see
 */
function lineOf(root: Call['root'], { agentOf }: PartyOptions): string | undefined {
  const { channel = '', exten = '' } = root ?? {};
  const isLine = LINE.test(exten) && agentOf(exten) === undefined;
  return isLine && agentOf(extensionOf(channel)) === undefined ? exten : undefined;
}

/** Whom an agent calls, and by which trunk; undefined: an agent, or no number that leads may have. */
export function dialledParty(event: ManagerMessage, options: PartyOptions): Party | undefined {
  const numbers = [dialledNumber(header(event, 'DialString')), header(event, 'DestCallerIDNum')];
  const phone = numbers.find((number) => options.isNumber(number));
  if (phone === undefined || !isOutside(phone, options)) return undefined;
  const trunk = extensionOf(header(event, 'DestChannel'));
  return { phone, direction: 'outbound', line: trunk === '' ? undefined : trunk };
}

/** Whom an attended transfer connects. */
export interface TransferSides {
  readonly agent: string;
  /** The agent's channel, and that of whoever transfers on the other side. */
  readonly channel: string;
  readonly transferer: string;
  /** Of the other side. */
  readonly phone: string;
  readonly linkedId: string;
}

/** @returns undefined: it failed, or does not connect an agent with somebody outside */
export function sidesOf(event: ManagerMessage, { agentOf }: PartyOptions): TransferSides | undefined {
  if (header(event, 'Result') !== 'Success') return undefined;
  const agentAt = (side: string) => agentOf(extensionOf(header(event, `${side}Channel`)));
  const [target, waiting] = [agentAt('TransferTarget'), agentAt('Transferee')];
  if (target !== undefined && waiting !== undefined) return undefined;
  const agent = target ?? waiting;
  if (agent === undefined) return undefined;
  const [to, from, by] =
    target === undefined
      ? ['Transferee', 'TransferTarget', 'SecondTransferer']
      : ['TransferTarget', 'Transferee', 'OrigTransferer'];
  return {
    agent,
    channel: header(event, `${to}Uniqueid`),
    transferer: header(event, `${by}Uniqueid`),
    phone: header(event, `${from}CallerIDNum`),
    linkedId: header(event, `${from}Linkedid`),
  };
}
