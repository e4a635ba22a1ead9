// SPDX-License-Identifier: GPL-3.0-or-later
/** At most one call in `ms`; the last value given is always delivered. */

/**
 * @template T
 * @param {(value: T) => void} deliver
 * @param {number} ms
 * @returns {(value: T) => void}
 */
export function throttle(deliver, ms) {
  let timer = null;
  let last;
  let dirty = false;
  const tick = () => {
    timer = null;
    if (!dirty) return;
    dirty = false;
    timer = setTimeout(tick, ms);
    deliver(last);
  };
  return (value) => {
    last = value;
    dirty = true;
    if (timer === null) tick();
  };
}
