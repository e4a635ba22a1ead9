// SPDX-License-Identifier: GPL-3.0-or-later
/** The right to steer: without it the controls only show what plays, and a field takes the control token. */

export const LOCKED = 'Steering needs the control token';
const WHY = `${LOCKED}, which the server shows when it starts.`;
const WRONG = 'That is not the control token of this server. It shows it when it starts.';
const STEERED = ['keys', 'presets', 'modes', 'intensity', 'bpm'];

export class Steering {
  #form = document.getElementById('steering');
  #field = document.getElementById('token');
  #reason = document.getElementById('steering-reason');

  /** @param {(token: string) => void} onToken  somebody gave one */
  constructor(onToken) {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const token = this.#field.value.trim();
      if (token !== '') onToken(token);
    });
  }

  /** @param {boolean} allowed @param {boolean} [wrong] a token was given, and is not the one */
  show(allowed, wrong = false) {
    const elements = STEERED.map((id) => document.getElementById(id));
    const focused = elements.some((element) => element.contains(document.activeElement));
    for (const element of elements) element.disabled = !allowed;
    const reason = wrong ? WRONG : WHY;
    if (this.#reason.textContent !== reason) this.#reason.textContent = reason;
    this.#form.hidden = allowed;
    if (allowed) this.#field.value = '';
    this.#field.setAttribute('aria-invalid', String(wrong));
    // Who was at a control that can no longer be touched is at the field instead.
    if (focused && !allowed) this.#field.focus();
  }
}
