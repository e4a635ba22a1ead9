// SPDX-License-Identifier: GPL-3.0-or-later
/** Words for those who listen to the page itself: one polite live region, not more than a sentence every two seconds. */
import { throttle } from './throttle.js';

const PAUSE_MS = 2000;

/** @param {string} text */
export const announce = throttle((text) => {
  document.getElementById('announce').textContent = text;
}, PAUSE_MS);
