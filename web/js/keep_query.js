// SPDX-License-Identifier: GPL-3.0-or-later
/** The way from one page to the other keeps the station, and whatever else the address asks for. */

for (const link of document.querySelectorAll('a[data-keep-query]')) link.search = location.search;
