// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The page's WebSocket, kept alive: reconnects at once and then with growing pauses, and notices a connection gone
 * silent. A browser does not tell a page why a WebSocket was not opened, so after a connection that never opened it
 * asks in plain HTTP: a station that does not exist is not retried.
 */
import { Backoff } from './backoff.js';

/** No message for so long, where one comes every 100 ms, means that the network is gone. */
const SILENCE_MS = 5000;
const CHECK_MS = 1000;
/** A stream that ends sooner than this did not work: the next pause is longer, not shorter. */
const STEADY_MS = 3000;
/** A control message is dropped rather than queued where so much already waits. */
const BACKLOG_BYTES = 65536;
/** Closed as somebody whom the server would rather have back later: policy, and try again later. */
const UNWELCOME = [1008, 1013];
const LOST = 1006;

/** @typedef {'connecting'|'live'|'waiting'|'refused'|'asleep'} ConnectionState */

export class Connection {
  #options;
  #socket = null;
  #backoff = new Backoff();
  #retry = 0;
  #watch = 0;
  #lastHeard = 0;
  #healthySince = null;
  #opened = false;
  #asking = null;

  /**
   * @param {object} options
   * @param {() => string} options.address    asked anew for each attempt
   * @param {(data: string|ArrayBuffer) => void} options.onMessage
   * @param {() => Promise<{reason: string, final: boolean}|null>} options.whyRefused  the server's reason, if it is
   *   there and gives one
   * @param {(message: string) => void} options.onRefused   for good
   * @param {(message: string) => void} options.onTrouble   for now
   * @param {(state: ConnectionState, retryMs: number, code?: number) => void} options.onState  with the WebSocket's
   *   close code where it waits
   */
  constructor(options) {
    this.#options = options;
  }

  open() {
    this.#drop();
    this.#options.onState('connecting', 0);
    const socket = new WebSocket(this.#options.address());
    socket.binaryType = 'arraybuffer';
    this.#opened = false;
    socket.onopen = () => (this.#opened = true);
    socket.onmessage = ({ data }) => this.#heard(socket, data);
    socket.onclose = ({ code }) => this.#lost(socket, code);
    this.#socket = socket;
    this.#lastHeard = performance.now();
    this.#watch = setInterval(() => this.#check(socket), CHECK_MS);
  }

  /** Ends the connection for good, or until open(). */
  close() {
    this.#asking = null;
    this.#drop();
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

  /** The stream works. */
  confirm() {
    if (this.#healthySince !== null) return;
    this.#healthySince = performance.now();
    this.#options.onState('live', 0);
  }

  #drop() {
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    this.#healthySince = null;
    socket?.close();
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
    this.#lost(socket, LOST);
  }

  #lost(socket, code) {
    if (socket !== this.#socket) return;
    const steady = this.#healthySince !== null && performance.now() - this.#healthySince > STEADY_MS;
    this.#drop();
    if (steady) this.#backoff.reset();
    if (UNWELCOME.includes(code)) this.#backoff.slow();
    this.#wait(code);
    if (!this.#opened) this.#ask();
  }

  #wait(code) {
    clearTimeout(this.#retry);
    const wait = this.#backoff.next();
    this.#options.onState('waiting', wait, code);
    this.#retry = setTimeout(() => this.open(), wait);
  }

  /** Gives up if the server says that it is in vain; asks one question at a time, while attempts go on. */
  async #ask() {
    if (this.#asking !== null) return;
    const question = (this.#asking = {});
    const refusal = await this.#options.whyRefused();
    if (question !== this.#asking) return;
    this.#asking = null;
    if (refusal === null || this.#opened) return;
    if (refusal.final) {
      this.close();
      this.#options.onState('refused', 0);
      this.#options.onRefused(refusal.reason);
      return;
    }
    this.#options.onTrouble(refusal.reason);
    this.#backoff.slow();
    if (this.#socket === null) this.#wait(LOST);
  }
}
