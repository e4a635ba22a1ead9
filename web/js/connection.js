// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * One station's WebSocket, kept alive: reconnects with growing pauses, notices a connection gone silent, and steps
 * down to the next format when the one asked for does not work. A browser does not tell a page why a WebSocket was not
 * opened, so after a connection that never opened it asks in plain HTTP: a station that does not exist is not retried.
 */
import { Backoff } from './backoff.js';

/** No message for so long, where one comes every 100 ms, means that the network is gone. */
const SILENCE_MS = 5000;
const CHECK_MS = 1000;
/** A control message is dropped rather than queued where so much already waits. */
const BACKLOG_BYTES = 65536;

/** @typedef {'connecting'|'live'|'waiting'|'refused'|'asleep'} ConnectionState */

export class Connection {
  #options;
  #socket = null;
  #backoff = new Backoff();
  #retry = 0;
  #watch = 0;
  #lastHeard = 0;
  #healthy = false;
  #opened = false;

  /**
   * @param {object} options
   * @param {() => string} options.address    asked anew for each attempt
   * @param {(data: string|ArrayBuffer) => void} options.onMessage
   * @param {(attempt: number) => Promise<{reason: string, final: boolean}|null>} options.whyRefused  the server's
   *   reason, if it is there and gives one, after so many attempts
   * @param {(message: string) => void} options.onRefused   for good
   * @param {(message: string) => void} options.onTrouble   for now
   * @param {(state: ConnectionState, retryMs: number) => void} options.onState
   */
  constructor(options) {
    this.#options = options;
  }

  open() {
    this.close();
    this.#options.onState('connecting', 0);
    const socket = new WebSocket(this.#options.address());
    socket.binaryType = 'arraybuffer';
    this.#opened = false;
    socket.onopen = () => (this.#opened = true);
    socket.onmessage = ({ data }) => this.#heard(socket, data);
    socket.onclose = () => this.#lost(socket);
    this.#socket = socket;
    this.#lastHeard = performance.now();
    this.#watch = setInterval(() => this.#check(socket), CHECK_MS);
  }

  /** Ends the connection for good, or until open(). */
  close() {
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    this.#healthy = false;
    socket?.close();
  }

  /** Connects at once if waiting for the next attempt. */
  wake() {
    if (this.#socket === null) this.open();
  }

  /** @param {object} message @returns {boolean} whether it went out */
  send(message) {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > BACKLOG_BYTES) return false;
    socket.send(JSON.stringify(message));
    return true;
  }

  /** The stream works: the next failure waits the shortest time again. */
  confirm() {
    if (this.#healthy) return;
    this.#healthy = true;
    this.#backoff.reset();
    this.#options.onState('live', 0);
  }

  #heard(socket, data) {
    if (socket !== this.#socket) return;
    this.#lastHeard = performance.now();
    this.#options.onMessage(data);
  }

  #check(socket) {
    if (performance.now() - this.#lastHeard < SILENCE_MS) return;
    socket.onclose = null;
    socket.close();
    this.#lost(socket);
  }

  #lost(socket) {
    if (socket !== this.#socket) return;
    this.close();
    const wait = this.#backoff.next();
    this.#options.onState('waiting', wait);
    this.#retry = setTimeout(() => this.open(), wait);
    if (!this.#opened) this.#ask(this.#retry);
  }

  /** Gives up the attempt `retry` if the server says that it is in vain. */
  async #ask(retry) {
    const refusal = await this.#options.whyRefused(this.#backoff.attempt);
    if (refusal === null || retry !== this.#retry) return;
    if (!refusal.final) {
      this.#options.onTrouble(refusal.reason);
      return;
    }
    this.close();
    this.#options.onState('refused', 0);
    this.#options.onRefused(refusal.reason);
  }
}
