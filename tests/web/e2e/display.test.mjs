// SPDX-License-Identifier: GPL-3.0-or-later
/** What is seen while it plays: notes, chord, level, tier, the system's media keys, and the inside of the stream. Alone on the machine, for it is about pictures in time. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { requireWeb } from '../modules.mjs';
import { launchBrowser, openPlayer, startServer, startSound, tryThrice } from './browser.mjs';

const { WebSocket } = requireWeb('ws');

const TIERS = ['emergency', 'low', 'healthy', 'full'];
const GOOD_TIERS = ['healthy', 'full'];
const TIER_MS = 15000;
/** Of the roll, as web/js/roll.js draws it; how far a shift that was found may be off. */
const PIXELS_PER_SECOND = 64;
const SHIFT_OFF_PIXELS = 3;
let server;
let browser;

before(async () => {
  server = await startServer();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** In the page: how much ink each column of the roll's past has, and which frame is heard, in one and the same picture. */
function lookAtRoll() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      const canvas = document.getElementById('roll');
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
      const ink = Array.from({ length: width }, (_, x) => {
        let sum = 0;
        for (let y = 0; y < height; y++) sum += data[4 * (y * width + x) + 3] / 255;
        return sum;
      });
      const { playhead } = globalThis.tutti.engine;
      resolve({ ink, seconds: playhead.frameAt() / playhead.rate });
    });
  });
}

/** By how many pixels `before` must move left to look like `after`, between two shares of the width. */
function shiftBetween(before, after, from, to) {
  const [first, last] = [from, to].map((share) => Math.round(share * before.length));
  let best = { shift: 0, error: Infinity };
  for (let shift = 0; shift + last < before.length && shift < 4 * PIXELS_PER_SECOND; shift++) {
    let error = 0;
    for (let x = first; x < last; x++) error += Math.abs(before[x + shift] - after[x]);
    if (error < best.error) best = { shift, error };
  }
  return best.shift;
}

/** A machine that draws too seldom spoils the picture, so it may be tried again. */
test('notes flow through the piano roll as they are heard', (t) => tryThrice(t, async () => {
  const { page, errors, close } = await openPlayer(browser, server.url, { context: { viewport: { width: 640, height: 740 } }, seldom: false });
  try {
    await startSound(page);
    await page.waitForTimeout(6000);
    const before = await page.evaluate(lookAtRoll);
    await page.waitForTimeout(1000);
    const after = await page.evaluate(lookAtRoll);
    const past = before.ink.slice(before.ink.length * 0.3, before.ink.length * 0.8);
    assert.ok(past.some((ink) => ink > 2), 'the paper is blank');
    const expected = (after.seconds - before.seconds) * PIXELS_PER_SECOND;
    const found = shiftBetween(before.ink, after.ink, 0.25, 0.6);
    assert.ok(Math.abs(found - expected) <= SHIFT_OFF_PIXELS, `moved by ${found} pixels instead of ${expected.toFixed(1)}`);
    assert.deepEqual(errors, []);
  } finally {
    await close();
  }
}));

/** Another listener, who writes down the chords that the server tells, by their frames. */
async function noteChords() {
  const chords = [];
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/stream?format=opus&score=1`);
  socket.on('message', (data, isBinary) => {
    if (isBinary) return;
    const message = JSON.parse(data);
    if (message.type === 'score') chords.push(...message.events.filter(({ kind }) => kind === 'chord'));
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return { chords, close: () => socket.close() };
}

/** In the page: what it shows, and which frame is heard then. */
function lookAtChord() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      const [chord, numeral] = ['chord', 'numeral'].map((id) => document.getElementById(id).textContent);
      resolve({ chord, numeral, frame: globalThis.tutti.engine.playhead.frameAt() });
    });
  });
}

test('the chord shown is the one that is heard', (t) => tryThrice(t, async () => {
  const { chords, close: leave } = await noteChords();
  const { page, close } = await openPlayer(browser, server.url, { seldom: false });
  try {
    await startSound(page);
    const plain = (text) => text.replaceAll('♭', 'b').replaceAll('♯', '#');
    const key = await page.$eval('input[name=key]:checked', (input) => input.value);
    const seen = new Set();
    for (let i = 0; i < 60; i++) {
      // A new key brings a new chord at once.
      if (i === 20) await page.click(`#keys label:has(input[value=${key === 'A' ? 'E' : 'A'}])`);
      await page.waitForTimeout(150);
      const shown = await page.evaluate(lookAtChord);
      const near = chords.some(({ frame }) => Math.abs(frame - shown.frame) < 9600);
      const heard = chords.findLast(({ frame }) => frame <= shown.frame);
      if (near || !heard) continue;
      assert.equal(plain(shown.chord), heard.symbol);
      assert.equal(plain(shown.numeral), heard.numeral);
      seen.add(heard.symbol);
    }
    assert.ok(seen.size >= 2, `only ${[...seen]} was compared`);
  } finally {
    leave();
    await close();
  }
}));

/** In the page: the share of the level's ring that is lit, left and right of the button. */
function lookAtLevel() {
  const canvas = document.getElementById('dial-canvas');
  const size = canvas.width;
  const scale = size / canvas.clientWidth;
  const radius = (size / 2 - 24 * scale) * 0.58;
  const { data } = canvas.getContext('2d').getImageData(0, 0, size, size);
  const STEPS = 180;
  const share = (side) => {
    let lit = 0;
    for (let i = 0; i < STEPS; i++) {
      const angle = Math.PI / 2 + side * (0.1 + ((Math.PI - 0.2) * i) / STEPS);
      const [x, y] = [Math.round(size / 2 + radius * Math.cos(angle)), Math.round(size / 2 + radius * Math.sin(angle))];
      if (data[4 * (y * size + x) + 3] > 180) lit++;
    }
    return lit / STEPS;
  };
  return [share(1), share(-1)];
}

test('the dial shows the level: it moves with the sound, and rests with it', async () => {
  const { page, close } = await openPlayer(browser, server.url);
  await page.waitForTimeout(500);
  assert.ok(Math.max(...(await page.evaluate(lookAtLevel))) < 0.05, 'a level before there is sound');
  await startSound(page);
  await page.waitForTimeout(1500);
  const levels = [];
  for (let i = 0; i < 30; i++) {
    levels.push(await page.evaluate(lookAtLevel));
    await page.waitForTimeout(200);
  }
  for (const side of [0, 1]) {
    const shares = levels.map((level) => level[side]);
    assert.ok(Math.max(...shares) > 0.2, `never more than ${Math.max(...shares)}`);
    assert.ok(Math.max(...shares) - Math.min(...shares) > 0.02 && new Set(shares).size >= 4, `it stands: ${shares}`);
  }
  await page.click('#play');
  await page.waitForFunction(() => globalThis.tutti.engine.context.state === 'suspended');
  await page.waitForTimeout(300);
  assert.ok(Math.max(...(await page.evaluate(lookAtLevel))) < 0.05, 'a level without sound');
  await close();
});

test('the tier of the buffer is one of four, by name, and gets good', async () => {
  const { page, close } = await openPlayer(browser, server.url);
  assert.equal(await page.getAttribute('#tier', 'data-tier'), 'none');
  await page.evaluate(() => {
    const tier = document.getElementById('tier');
    globalThis.seenTiers = [];
    new MutationObserver(() => globalThis.seenTiers.push({ tier: tier.dataset.tier, word: document.getElementById('tier-word').textContent, label: tier.getAttribute('aria-label') })).observe(tier, { attributes: true });
  });
  await startSound(page);
  await page.waitForFunction((good) => good.includes(document.getElementById('tier').dataset.tier), GOOD_TIERS, { timeout: TIER_MS });
  await page.waitForTimeout(1000);
  const seen = await page.evaluate(() => globalThis.seenTiers);
  assert.ok(seen.length > 0);
  for (const { tier, word, label } of seen.filter((one) => one.tier !== 'none')) {
    assert.ok(TIERS.includes(tier), tier);
    assert.equal(word.toLowerCase(), tier);
    assert.match(label, new RegExp(`^Buffer ${tier}: \\d+ of \\d+ ms, jitter \\d+ ms$`));
  }
  await page.click('#play');
  await page.waitForSelector('#tier[data-tier=none]');
  await close();
});

test('the system\'s media keys play and pause, and are told what plays', async () => {
  const init = () => {
    globalThis.mediaKeys = {};
    const { mediaSession } = navigator;
    const set = mediaSession.setActionHandler.bind(mediaSession);
    mediaSession.setActionHandler = (action, handler) => set(action, (globalThis.mediaKeys[action] = handler));
  };
  const { page, errors, close } = await openPlayer(browser, server.url, { init });
  const press = (action) => page.evaluate((name) => globalThis.mediaKeys[name]({ action: name }), action);
  const state = () => page.evaluate(() => navigator.mediaSession.playbackState);
  await startSound(page);
  assert.equal(await state(), 'playing');
  await page.waitForFunction(() => navigator.mediaSession.metadata !== null);
  const { title, artist } = await page.evaluate(() => ({ title: navigator.mediaSession.metadata.title, artist: navigator.mediaSession.metadata.artist }));
  const [tonality, chord] = await Promise.all(['#tonality', '#chord'].map((id) => page.textContent(id)));
  assert.equal(artist, 'Tutti');
  assert.equal(title, `${tonality} · ${chord}`);
  await press('pause');
  await page.waitForSelector('#play[aria-pressed=false]');
  await page.waitForFunction(() => !globalThis.tutti.engine.playhead.sounding);
  assert.equal(await state(), 'paused');
  await press('play');
  await page.waitForSelector('#play[aria-pressed=true]');
  await page.waitForFunction(() => globalThis.tutti.engine.playhead.sounding);
  assert.equal(await state(), 'playing');
  const preset = () => page.getAttribute('#presets [aria-pressed=true]', 'data-name');
  const before = await preset();
  await press('nexttrack');
  await page.waitForFunction((old) => document.querySelector('#presets [aria-pressed=true]').dataset.name !== old, before);
  await press('previoustrack');
  await page.waitForFunction((old) => document.querySelector('#presets [aria-pressed=true]').dataset.name === old, before);
  await press('stop');
  await page.waitForSelector('#play[aria-pressed=false]');
  assert.deepEqual(errors, []);
  await close();
});

/** In the page: for each plot and each of its lines, how many of the canvas's pixels have the line's colour. */
function lookAtPlots() {
  const probe = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgb = (colour) => {
    probe.fillStyle = colour;
    probe.fillRect(0, 0, 1, 1);
    return probe.getImageData(0, 0, 1, 1).data;
  };
  const near = (data, i, [r, g, b]) => data[i + 3] > 80 && Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 12;
  return Object.fromEntries([...document.querySelectorAll('.plots section')].map((card) => {
    const canvas = card.querySelector('canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const lines = [...card.querySelectorAll('dd')].map((_, line) => {
      const colour = rgb(getComputedStyle(canvas).getPropertyValue(`--line-${line}`));
      let count = 0;
      for (let i = 0; i < data.length; i += 4) if (near(data, i, colour)) count++;
      return count;
    });
    return [card.id, lines];
  }));
}

test('the inside of the stream draws what it measures', async () => {
  const place = await browser.newContext();
  const page = await place.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(`${server.url}/debug`);
  await page.waitForSelector('#connection[data-state=live]');
  await page.waitForTimeout(500);
  const before = await page.evaluate(lookAtPlots);
  assert.deepEqual(Object.keys(before), ['buffer', 'jitter', 'latency', 'drift']);
  for (const plot of ['buffer', 'latency', 'drift']) assert.ok(before[plot].every((pixels) => pixels === 0), `${plot} before there is sound: ${before[plot]}`);
  await page.click('#play');
  const row = (name) => page.textContent(`#counters div:has(dt:text-is("${name}")) dd`);
  await page.waitForFunction(() => [...document.querySelectorAll('.readings dd')].every(({ textContent }) => textContent !== '–'));
  const received = Number((await row('chunks received')).replaceAll(',', ''));
  const early = await page.evaluate(lookAtPlots);
  await page.waitForTimeout(4000);
  const late = await page.evaluate(lookAtPlots);
  for (const [plot, lines] of Object.entries(late)) assert.ok(lines.every((pixels) => pixels > 3), `${plot}: ${lines}`);
  for (const plot of ['buffer', 'latency']) assert.ok(late[plot][0] > early[plot][0], `${plot} stands: ${late[plot]}`);
  const readings = await page.$$eval('.readings dd', (all) => all.map(({ textContent }) => textContent));
  for (const reading of readings) assert.match(reading, /^-?[\d,]+ (ms|ppm)$/);
  assert.ok(Number((await row('chunks received')).replaceAll(',', '')) >= received + 20, 'the counters stand');
  assert.match(await row('bytes received'), /^\d{1,3}(,\d{3})+$/);
  for (const name of ['due to ear', 'output latency', 'level aimed at']) assert.match(await row(name), /^\d+(\.\d)? ms$/, name);
  assert.ok(TIERS.includes(await page.getAttribute('#tier', 'data-tier')));
  assert.deepEqual(errors, []);
  await place.close();
});

test('the way inside and back keeps the station', async () => {
  const { page, close } = await openPlayer(browser, server.url, { query: 'station=night' });
  await page.click('#help-open');
  await page.click('#help a');
  await page.waitForURL(/\/debug\?station=night$/);
  await page.waitForSelector('#connection[data-state=live]');
  if (process.env.TUTTI) assert.equal(await page.textContent('#station'), 'night');
  await page.click('nav a');
  await page.waitForURL(/\/\?station=night$/);
  await close();
});

for (const width of [320, 375, 1280]) {
  test(`${width} pixels: the inside of the stream fits, and no title wraps`, async () => {
    const page = await browser.newPage({ viewport: { width, height: 740 } });
    await page.goto(`${server.url}/debug`);
    await page.click('#play');
    await page.waitForFunction(() => document.querySelector('#latency dd').textContent !== '–');
    // Readings as long as they get.
    await page.$$eval('.readings dd', (all) => all.forEach((one) => new MutationObserver(() => one.textContent !== '1,500 ms' && (one.textContent = '1,500 ms')).observe(one, { childList: true })));
    await page.waitForTimeout(600);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
    const wrapped = await page.$$eval('h1, h2, .readings dt', (all) => all.filter((one) => one.getBoundingClientRect().height > 1.7 * parseFloat(getComputedStyle(one).fontSize)).map((one) => one.textContent));
    assert.deepEqual(wrapped, []);
    const outside = await page.$$eval('.panel', (all) => all.flatMap((card) => [...card.querySelectorAll('h2, dt, dd, canvas')].filter((one) => one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > card.getBoundingClientRect().right).map((one) => one.textContent)));
    assert.deepEqual(outside, []);
    await page.close();
  });
}
