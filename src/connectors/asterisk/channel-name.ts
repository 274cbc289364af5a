import type { ManagerMessage } from './read-events.ts';

/**
 * The extension in the name of a channel: `PJSIP/1001-0000005a` is a channel of 1001, and so is `Local/1001@from-queue-00000001;2`.
 * A name may have dashes itself (`PJSIP/sales-ana-0000005a`).
 *
 * @returns empty where there is none
 */
export function extensionOf(channel: string): string {
  const [, name = ''] = /^[^/]+\/(.+)-[^-]+$/.exec(channel) ?? [];
  return name.replace(/@.*$/, '');
}

/** Whether the channel is one of the two halves that join a part of the dialplan to another one: no telephone. */
export function isLocal(channel: string): boolean {
  return channel.startsWith('Local/');
}

/** Whether it is the half that continues where the call came from, and not the one that runs the dialplan behind it. */
export function isFirstHalf(channel: string): boolean {
  return isLocal(channel) && channel.endsWith(';1');
}

/**
 * The number that a channel dials, by the text that was given to the channel driver: `3311110001@trunk`, `trunk/3311110001`,
 * `trunk/sip:3311110001@sip.example.com`.
 */
export function dialledNumber(dialString: string): string {
  const [whole = ''] = dialString.split(/[,;^]/);
  const [before = ''] = whole.split('@');
  const [number = ''] = before.split('/').slice(-1);
  return number.replace(/^sips?:/i, '');
}

/** A header of a message, empty where there is none. */
export function headerOf(message: ManagerMessage, name: string): string {
  return message.get(name) ?? '';
}
