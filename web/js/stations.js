// SPDX-License-Identifier: GPL-3.0-or-later
/** The choice of station: links, each to this page with another ?station=. */
import { notice } from './notice.js';

/** @param {string} station @returns {string} this page's address there */
function addressOf(station) {
  const query = new URLSearchParams(location.search);
  query.set('station', station);
  return `?${query}`;
}

/** @param {string[]} stations @param {string} current */
export function showStations(stations, current) {
  const place = document.getElementById('stations');
  place.hidden = stations.length < 2;
  place.replaceChildren(...stations.map((station) => {
    const link = document.createElement('a');
    link.href = addressOf(station);
    link.textContent = station;
    if (station === current) link.setAttribute('aria-current', 'page');
    return link;
  }));
}

/** Says that there is no such station, and where to go instead. @param {string} message of the server */
export async function showNoStation(message) {
  const text = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  notice('station', text);
  const response = await fetch('/api/status').catch(() => null);
  const { stations } = response?.ok ? await response.json() : { stations: [] };
  notice('station', text, stations.map(({ station }) => ({ text: `Listen to ${station}`, href: addressOf(station) })));
}
