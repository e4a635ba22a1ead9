// SPDX-License-Identifier: GPL-3.0-or-later
/** Keys that work everywhere on the page. A focused control keeps the keys that it needs itself, a text field all. */

/**
 * @param {object} actions
 * @param {() => void} actions.toggle
 * @param {() => void} actions.mute
 * @param {() => void} actions.help
 * @param {import('./controls.js').Controls} actions.controls
 */
export function listenToKeys({ toggle, mute, help, controls }) {
  const anywhere = {
    m: mute,
    '?': help,
    ',': () => controls.stepMode(-1),
    '.': () => controls.stepMode(1),
    '-': () => controls.stepSlider('bpm', -1),
    '+': () => controls.stepSlider('bpm', 1),
    '=': () => controls.stepSlider('bpm', 1),
  };
  const outsideInputs = {
    ArrowLeft: () => controls.stepKey(-1),
    ArrowRight: () => controls.stepKey(1),
    ArrowUp: () => controls.stepSlider('intensity', 1),
    ArrowDown: () => controls.stepSlider('intensity', -1),
  };
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    const action = find(event);
    if (!action) return;
    event.preventDefault();
    action();
  });

  function find({ key, target, repeat }) {
    if (target.matches('input[type=password]')) return undefined;
    if (key === ' ') return usesSpace(target) || repeat ? undefined : toggle;
    if (/^[1-9]$/.test(key)) return () => controls.choosePreset(Number(key) - 1);
    return anywhere[key.toLowerCase()] ?? (target.closest('input') ? undefined : outsideInputs[key]);
  }
}

/** A button takes the space bar itself; one in a dialog just closed may still have the focus for a moment. */
function usesSpace(target) {
  return target.closest('button, a')?.checkVisibility() ?? false;
}
