import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import type { AsteriskAddress } from '../../config/asterisk-settings.ts';
import { headerOf as header } from './channel-name.ts';
import { createManagerReader, type ManagerMessage } from './read-events.ts';

export const SESSION_TIMES = {
  /** From the connection to the answer to the login. */
  loginMs: 10_000,
  /** Between two signs of life that are asked for. */
  pingMs: 15_000,
  /** A server that does not answer one in this time is given up. */
  pongMs: 10_000,
} as const;

export type SessionTimes = { readonly [Time in keyof typeof SESSION_TIMES]: number };

export interface SessionListener {
  /** From now on events come. @param version of the interface, such as `11.0.0` */
  loggedIn(version: string): void;
  /** Events alone. */
  take(event: ManagerMessage): void;
  /** The answer to an action that somebody sent. */
  answered?(message: ManagerMessage): void;
}

/** Why a session is over, in words that hold no secret. */
export interface SessionEnd {
  /** The login was refused: it would be the next time. */
  readonly isRefused: boolean;
  readonly reason: string;
}

/**
 * One login at the manager interface of an Asterisk, with the events of calls. It asks for nothing else than signs of life: a
 * manager user who may read calls and write nothing may do all of it.
 */
export class ManagerSession {
  /** Never rejects. */
  readonly ended: Promise<SessionEnd>;
  readonly #listener: SessionListener;
  readonly #times: SessionTimes;
  readonly #socket: Socket;
  readonly #end: (end: SessionEnd) => void;
  #version = '';
  #isLoggedIn = false;
  #deadline: NodeJS.Timeout;
  #nextPing: NodeJS.Timeout | undefined;

  constructor(address: AsteriskAddress, listener: SessionListener, times: Partial<SessionTimes> = {}) {
    const ended = Promise.withResolvers<SessionEnd>();
    this.ended = ended.promise;
    this.#end = ended.resolve;
    this.#listener = listener;
    this.#times = { ...SESSION_TIMES, ...times };
    this.#socket = connect(address);
    this.#deadline = setTimeout(() => this.#stop('no answer to the login'), this.#times.loginMs);
    const reader = createManagerReader({
      banner: (version) => {
        this.#version = version;
        const { user: Username, secret: Secret } = address;
        this.#send('Login', { ActionID: 'login', Username, Secret, Events: 'call' });
      },
      message: (message) => this.#take(message),
    });
    this.#socket.on('data', (chunk) => {
      if (!this.#socket.destroyed && !reader.read(chunk))
        this.#stop('it is no manager interface of Asterisk');
    });
    this.#socket.on('error', (cause: NodeJS.ErrnoException) => this.#stop(cause.code ?? cause.message));
    this.#socket.on('close', () => this.#stop('it closed the connection'));
  }

  /** Reads nothing until `resume`: then the server waits. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Asks for something else. */
  send(action: string): void {
    this.#send(action, { ActionID: action });
  }

  close(): void {
    this.#stop('closed');
  }

  #stop(reason: string, isRefused = false): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#nextPing);
    this.#socket.destroy();
    this.#end({ isRefused, reason });
  }

  #send(action: string, fields: Readonly<Record<string, string>>): void {
    const lines = Object.entries({ Action: action, ...fields }).map(([name, value]) => `${name}: ${value}`);
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  }

  #take(message: ManagerMessage): void {
    // What waited behind the end is not heard.
    if (this.#socket.destroyed) return;
    if (message.has('Response')) this.#answered(message);
    else if (this.#isLoggedIn && message.has('Event')) this.#listener.take(message);
  }

  #answered(message: ManagerMessage): void {
    if (this.#isLoggedIn) {
      this.#schedulePing();
      if (header(message, 'ActionID') !== 'ping') this.#listener.answered?.(message);
    } else if (header(message, 'Response') === 'Success') {
      this.#isLoggedIn = true;
      this.#schedulePing();
      this.#listener.loggedIn(this.#version);
      // Its own words may repeat what it was sent.
    } else this.#stop('it does not accept the user and the secret', true);
  }

  #schedulePing(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#nextPing);
    this.#nextPing = setTimeout(() => this.#ping(), this.#times.pingMs).unref();
  }

  #ping(): void {
    this.#send('Ping', { ActionID: 'ping' });
    this.#deadline = setTimeout(() => {
      // While nothing is read the answer waits with the rest.
      if (this.#socket.isPaused()) this.#schedulePing();
      else this.#stop('no answer to a ping');
    }, this.#times.pongMs);
  }
}

function connect({ host, port, tls }: AsteriskAddress): Socket {
  // What is silent for hours is a connection still; a router in between may think otherwise.
  const options = { host, port, noDelay: true, keepAlive: true };
  if (tls === 'off') return connectTcp(options);
  // The name that the certificate must have; an address is compared without it.
  const named = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ ...options, ...named, rejectUnauthorized: tls === 'on' });
}
