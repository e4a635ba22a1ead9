// SPDX-License-Identifier: GPL-3.0-or-later
/** The choice of station: links, each to this page with another ?station=, the last one to a station of one's own. */
import { notice } from './notice.js';
import { OWN } from './tuning.js';

const OWN_NAME = 'my own';

/** @param {string} station @returns {string} this page's address there */
export function addressOf(station) {
  const query = new URLSearchParams(location.search);
  query.set('station', station);
  return `?${query}`;
}

/** As the list calls it. @param {string} station */
export function nameOf(station) {
  return station === OWN ? OWN_NAME : station;
}

/** @param {string[]} stations @param {string} current @param {boolean} own  whether one's own can be had */
export function showStations(stations, current, own) {
  const place = document.getElementById('stations');
  const all = own ? [...stations.filter((station) => station !== OWN), OWN] : stations;
  place.hidden = all.length < 2;
  place.replaceChildren(...all.map((station) => {
    const link = document.createElement('a');
    link.href = addressOf(station);
    link.dataset.station = station;
    link.textContent = nameOf(station);
    if (station === OWN) link.title = 'A station for you alone';
    if (station === current) link.setAttribute('aria-current', 'page');
    return link;
  }));
}

/** Calls `move` for a link to a station, in place of leaving the page. @param {(station: string) => void} move */
export function followStations(move) {
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[data-station]');
    const elsewhere = event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || elsewhere) return;
    event.preventDefault();
    move(link.dataset.station);
  });
}

/** Says that there is no such station, and where to go instead. @param {string} message of the server */
export async function showNoStation(message) {
  const text = sentence(message);
  notice('station', text);
  const response = await fetch('/api/status').catch(() => null);
  const { stations } = response?.ok ? await response.json() : { stations: [] };
  notice('station', text, linksTo(stations.map(({ station }) => station)));
}

/**
 * Says that a station of one's own cannot be had now, and what can.
 * @param {string} message of the server @param {string[]} stations @param {string} [back] which plays on
 */
export function showFull(message, stations, back) {
  const text = back ? `${sentence(message)} You are still on ${back}.` : sentence(message);
  notice('full', text, linksTo(stations.filter((station) => station !== back)));
}

function linksTo(stations) {
  return stations.map((station) => ({ text: `Listen to ${station}`, href: addressOf(station), station }));
}

function sentence(message) {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`.replace(/\.\.$/, '.');
}
