// SPDX-License-Identifier: GPL-3.0-or-later
/** What the listener must see: a line below the bar for each matter, read out as it appears; calmly what needs no hand. */

export const RESTARTING = 'The station is restarting: the music goes on in a moment.';
const CALM = ['away'];

/**
 * @param {string} matter          one line each
 * @param {string} [text]          nothing: the line goes away
 * @param {{text: string, href: string, station?: string}[]} [links]  after the text
 */
export function notice(matter, text = '', links = []) {
  const place = document.getElementById(CALM.includes(matter) ? 'news' : 'notices');
  const old = place.querySelector(`[data-matter="${matter}"]`);
  const line = document.createElement('p');
  line.dataset.matter = matter;
  line.append(text, ...links.flatMap((link) => [' ', anchor(link)]));
  if (old?.textContent === line.textContent) return;
  old?.remove();
  if (text) place.append(line);
}

function anchor({ text, href, station }) {
  const link = document.createElement('a');
  link.href = href;
  link.textContent = text;
  if (station) link.dataset.station = station;
  return link;
}
