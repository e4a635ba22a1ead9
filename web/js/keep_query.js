// SPDX-License-Identifier: GPL-3.0-or-later
/** The way from one page to the other keeps the station, and whatever else the address asks for when it is gone. */

function keep() {
  for (const link of document.querySelectorAll('a[data-keep-query]')) link.search = location.search;
}

keep();
for (const event of ['pointerdown', 'click', 'focusin']) document.addEventListener(event, keep, { capture: true });
