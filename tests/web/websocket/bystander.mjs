// SPDX-License-Identifier: GPL-3.0-or-later
/** A listener who does nothing wrong, beside the others who do: whether the server still serves it, and every chunk. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { startServer } from '../e2e/browser.mjs';
import { requireWeb } from '../modules.mjs';
import { PATH } from './peer.mjs';

const { WebSocket } = requireWeb('ws');
const WAIT_MS = 15000;

/**
 * A server for all tests of a file, with a bystander; both are there from the first test on. With `skip` there is none.
 * @returns {{ server: { url: string }, bystander: Bystander }}
 */
export function serveBeside(skip) {
  const beside = {};
  before(async () => {
    if (skip) return;
    beside.server = await startServer();
    beside.bystander = new Bystander(beside.server.url);
    await beside.bystander.open();
  });
  after(async () => {
    await beside.bystander?.close();
    await beside.server?.stop();
  });
  return beside;
}

export class Bystander {
  chunks = 0;
  holes = 0;
  #next = null;
  #asked = 0;
  #waiting = new Map();
  #socket;

  /** @param {string} url */
  constructor(url) {
    this.#socket = new WebSocket(url.replace('http', 'ws') + PATH);
    this.#socket.on('message', (data, isBinary) => isBinary && this.#take(data.readUInt32LE(4)));
    // Of several pings the server may answer the last alone.
    this.#socket.on('pong', (data) => this.#settle(Number(data)));
    this.#socket.on('error', () => {});
  }

  async open() {
    await new Promise((resolve, reject) => this.#socket.on('open', resolve).on('error', reject));
  }

  /** Passes when the server has answered this listener from now on. */
  async isServed() {
    assert.equal(this.#socket.readyState, WebSocket.OPEN, 'the server has closed on one who did nothing wrong');
    const number = ++this.#asked;
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the server has served nobody else for ${WAIT_MS} ms`)), WAIT_MS);
      this.#waiting.set(number, () => resolve(clearTimeout(timer)));
      this.#socket.ping(String(number));
    });
  }

  async close() {
    const code = new Promise((resolve) => this.#socket.on('close', resolve));
    this.#socket.close(1000);
    return code;
  }

  #take(sequence) {
    if (this.#next !== null && sequence !== this.#next) this.holes++;
    this.#next = sequence + 1;
    this.chunks++;
  }

  #settle(number) {
    for (const [asked, resolve] of this.#waiting) {
      if (asked > number) continue;
      this.#waiting.delete(asked);
      resolve();
    }
  }
}
