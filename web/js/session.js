// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What only this tab keeps, for as long as it is open: the control token, and the token by which a station of one's own
 * is found again. Where the browser forbids storage, until the page is left.
 */

const KEYS = { token: 'tutti.token', resume: 'tutti.resume' };

export class Session {
  #storage;
  #memory = {};

  /** @param {Pick<Storage, 'getItem'|'setItem'|'removeItem'>|null} storage */
  constructor(storage) {
    this.#storage = storage;
  }

  /** The control token. @returns {string|undefined} */
  get token() {
    return this.#get('token');
  }

  set token(value) {
    this.#set('token', value);
  }

  /** Of the station of one's own. @returns {string|undefined} */
  get resume() {
    return this.#get('resume');
  }

  set resume(value) {
    this.#set('resume', value);
  }

  #get(name) {
    if (name in this.#memory) return this.#memory[name];
    try {
      return this.#storage?.getItem(KEYS[name]) || undefined;
    } catch {
      return undefined;
    }
  }

  #set(name, value) {
    this.#memory[name] = value || undefined;
    try {
      if (value) this.#storage?.setItem(KEYS[name], value);
      else this.#storage?.removeItem(KEYS[name]);
    } catch {
      // A full or forbidden storage: what is kept lasts as long as the page.
    }
  }
}

/** Some browsers forbid storage by throwing at its name. @param {'localStorage'|'sessionStorage'} name */
export function storageNamed(name) {
  try {
    return globalThis[name];
  } catch {
    return null;
  }
}

/** @param {string} hash  of an address: #token=… @returns {string|null} */
export function tokenIn(hash) {
  const match = /^#(?:.*&)?token=([^&]+)/.exec(hash);
  if (!match) return null;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return match[1];
  }
}

/** Takes the control token out of the page's address, where one stands in it. @returns {string|null} */
export function takeToken() {
  const token = tokenIn(location.hash);
  if (token !== null) history.replaceState(history.state, '', location.pathname + location.search);
  return token;
}
