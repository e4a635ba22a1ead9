// SPDX-License-Identifier: GPL-3.0-or-later
/** The page for people: keyboard, small screens, memory, and more than one listener. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, openPlayer, startServer } from './browser.mjs';

const TOUCH_PIXELS = 44;
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

const checked = (page, name) => page.$eval(`input[name=${name}]:checked`, (input) => input.value);
const untilChecked = (page, name, not) => page.waitForFunction(([field, old]) => document.querySelector(`input[name=${field}]:checked`)?.value !== old, [name, not]);

test('the keyboard does everything', async () => {
  const { page, errors, close } = await openPlayer(browser, server.url);
  await page.keyboard.press('Space');
  await page.waitForSelector('#play[aria-pressed=true]');
  await page.waitForFunction(() => globalThis.tutti.engine.playhead.sounding);
  const key = await checked(page, 'key');
  await page.keyboard.press('ArrowRight');
  await untilChecked(page, 'key', key);
  const mode = await checked(page, 'mode');
  await page.keyboard.press(['lydian'].includes(mode) ? ',' : '.');
  await untilChecked(page, 'mode', mode);
  const bpm = Number(await page.inputValue('#bpm'));
  await page.keyboard.press('+');
  assert.equal(Number(await page.inputValue('#bpm')), bpm + 2);
  await page.keyboard.press('?');
  await page.waitForSelector('#help[open]');
  await page.keyboard.press('Escape');
  await page.waitForSelector('#help:not([open])', { state: 'attached' });
  await page.keyboard.press('m');
  assert.equal(await page.textContent('#volume-value'), 'Muted');
  await page.keyboard.press('Space');
  await page.waitForSelector('#play[aria-pressed=false]');
  assert.deepEqual(errors, []);
  await close();
});

test('Tab reaches every control, and each has a name', async () => {
  const { page, close } = await openPlayer(browser, server.url);
  const reached = new Set();
  for (let i = 0; i < 25; i++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement.name || document.activeElement.id || document.activeElement.className || document.activeElement.dataset.name));
  }
  for (const name of ['skip', 'help-open', 'key', 'play', 'mode', 'intensity', 'bpm', 'volume']) assert.ok(reached.has(name), `${name} of ${[...reached]}`);
  const nameless = await page.$$eval('button, input', (all) => all.filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim() || one.labels?.length)).length);
  assert.equal(nameless, 0);
  await close();
});

for (const width of [320, 390, 768, 1440]) {
  test(`${width} pixels: nothing sticks out, everything can be touched`, async () => {
    const { page, close } = await openPlayer(browser, server.url, { context: { viewport: { width, height: 720 } } });
    await page.waitForSelector('#presets button');
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
    const small = await page.$$eval(
      'button, .keys label, .modes label, input[type=range]',
      (all, least) => all.filter((one) => one.checkVisibility() && !one.closest('dialog')).map((one) => [one.id || one.textContent, one.getBoundingClientRect()]).filter(([, box]) => box.width < least || box.height < least).map(([name]) => name),
      TOUCH_PIXELS - 0.5,
    );
    assert.deepEqual(small, []);
    const outside = await page.$$eval('main *', (all) => all.filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5 && getComputedStyle(one).position !== 'absolute').map((one) => one.id || one.className));
    assert.deepEqual(outside, []);
    await close();
  });
}

test('Play keeps its name and says whether it is pressed', async () => {
  const { page, close } = await openPlayer(browser, server.url);
  const play = (pressed) => page.getByRole('button', { name: 'Play', exact: true, pressed }).waitFor();
  await play(false);
  await page.click('#play');
  await play(true);
  await page.click('#play');
  await play(false);
  await close();
});

test('the chord is read as one, and nothing is named that may not be', async () => {
  const { page, close } = await openPlayer(browser, server.url);
  await page.waitForFunction(() => /\S/.test(document.getElementById('chord').textContent));
  assert.match(await page.locator('.chord').ariaSnapshot(), /Chord [A-G]/);
  const named = await page.$$eval('p, span, div, b, i, strong, em, code, small', (all) => all.filter((one) => one.hasAttribute('aria-label') && !one.hasAttribute('role')).map((one) => one.outerHTML));
  assert.deepEqual(named, []);
  await close();
});

for (const width of [320, 375]) {
  test(`${width} pixels: two stations and the tier's name in two tidy rows`, async () => {
    const { page, close } = await openPlayer(browser, server.url, { context: { viewport: { width, height: 740 } } });
    await page.waitForSelector('#stations a');
    await page.click('#play');
    await page.waitForFunction(() => document.getElementById('tier').dataset.tier !== 'none');
    assert.ok(await page.isVisible('#tier-word'));
    for (const words of [null, ['Emergency', 'Back in 60 s']]) {
      if (words) await page.evaluate(([tier, state]) => Object.assign(document.getElementById('tier-word'), { textContent: tier }) && (document.getElementById('connection-word').textContent = state), words);
      const rows = await page.evaluate(rowsOfBar);
      assert.equal(rows.length, 2, JSON.stringify(rows));
      assert.ok(rows[0].includes('stations') && rows[0].includes('help-open') && rows[1].includes('tier') && rows[1].includes('connection'), JSON.stringify(rows));
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
    }
    await close();
  });
}

test('nothing shines through the pause button', async () => {
  for (const colorScheme of ['dark', 'light']) {
    // Without motion: the page's hue glides for seconds.
    const { page, close } = await openPlayer(browser, server.url, { context: { colorScheme, reducedMotion: 'reduce' } });
    await page.click('#play');
    await page.waitForSelector('#play[aria-pressed=true]');
    await page.mouse.move(0, 0);
    await page.waitForTimeout(800);
    // Whatever the canvas behind it shows: with it painted over, the button looks the same.
    const look = (ground) => page.evaluate((colour) => (document.getElementById('dial-canvas').style.background = colour), ground).then(() => page.screenshot({ clip }));
    const { x, y, width } = await page.locator('#play').boundingBox();
    const clip = { x: x + width * 0.2, y: y + width * 0.2, width: width * 0.6, height: width * 0.6 };
    const [plain, painted] = [await look(''), await look('red')];
    assert.ok(plain.equals(painted), colorScheme);
    await close();
  }
});

test('what one listener changes, the other sees', async () => {
  const [one, other] = [await openPlayer(browser, server.url), await openPlayer(browser, server.url)];
  const before = await checked(other.page, 'key');
  const wanted = before === 'A' ? 'E' : 'A';
  await one.page.click(`#keys label:has(input[value=${wanted}])`);
  await other.page.waitForFunction((key) => document.querySelector('input[name=key]:checked').value === key, wanted);
  await one.page.fill('#intensity', '0.75');
  await other.page.waitForFunction(() => document.getElementById('intensity-value').textContent === '75%');
  assert.deepEqual([...one.errors, ...other.errors], []);
  await one.close();
  await other.close();
});

test('the listener\'s choices outlive the visit', async () => {
  const { page, close } = await openPlayer(browser, server.url);
  await page.fill('#volume', '0.35');
  await page.click('#keys label:has(input[value=F])');
  await page.waitForTimeout(300);
  assert.equal(JSON.parse(await page.evaluate(() => localStorage.getItem('tutti.station.main'))).key, 'F');
  await page.reload();
  await page.waitForSelector('#connection[data-state=live]');
  await page.waitForFunction(() => document.querySelector('input[name=key]:checked')?.value === 'F');
  assert.equal(await page.inputValue('#volume'), '0.35');
  await close();
});

test('the listener\'s choices outlive a server that forgot them', async (t) => {
  if (!server.canRestart) return t.skip('the server is not the test\'s own');
  await server.restart();
  const { page, close } = await openPlayer(browser, server.url);
  await page.waitForFunction(() => document.querySelector('input[name=key]:checked'));
  const [before, wanted] = [await checked(page, 'key'), 'F'];
  assert.notEqual(before, wanted);
  await page.click(`#keys label:has(input[value=${wanted}])`);
  await page.waitForTimeout(300);
  // Nobody holds the station while the server goes, so nothing but the browser can know.
  await page.goto('about:blank');
  await server.restart();
  const { stations } = await (await fetch(`${server.url}/api/status`)).json();
  // The tests' own server does not tell its key.
  assert.ok([before, undefined].includes(stations[0].key), 'the server remembers');
  await page.goto(`${server.url}/?tap=1`);
  await page.waitForFunction((key) => document.querySelector('input[name=key]:checked')?.value === key, wanted);
  await page.waitForTimeout(1500);
  assert.equal(await checked(page, 'key'), wanted);
  await close();
});

test('text stands out: 4.5 to 1, in the dark and in the light', async () => {
  for (const colorScheme of ['dark', 'light']) {
    const { page, close } = await openPlayer(browser, server.url, { context: { colorScheme } });
    await page.waitForSelector('#presets button');
    const poor = await page.evaluate(contrastBelow, 4.5);
    assert.deepEqual(poor, [], colorScheme);
    await close();
  }
});

/** In the page: what is seen of the bar, by the row that its middle stands in. */
function rowsOfBar() {
  const rows = new Map();
  for (const one of document.querySelectorAll('.wordmark, .stations, .status > *, .bar > button')) {
    if (!one.checkVisibility()) continue;
    const box = one.getBoundingClientRect();
    const middle = Math.round((box.top + box.bottom) / 8);
    const row = [...rows.keys()].find((known) => Math.abs(known - middle) < 2) ?? middle;
    rows.set(row, [...(rows.get(row) ?? []), one.id || one.className]);
  }
  return [...rows.values()];
}

/** In the page: pairs of the palette that are too close. */
function contrastBelow(least) {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const probe = document.body.appendChild(document.createElement('i'));
  const luminance = (name) => {
    probe.style.color = `var(--${name})`;
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = getComputedStyle(probe).color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pairs = ['bg', 'bg-deep', 'bg-glow'].flatMap((ground) => ['ink', 'muted', 'accent'].map((text) => [text, ground])).concat([['on-accent', 'accent']]);
  const poor = [];
  for (let hue = 0; hue < 360; hue += 30) {
    document.documentElement.style.transition = 'none';
    document.documentElement.style.setProperty('--hue', String(hue));
    for (const [text, ground] of pairs) {
      const [high, low] = [luminance(text), luminance(ground)].sort((a, b) => b - a);
      const ratio = (high + 0.05) / (low + 0.05);
      if (ratio < least) poor.push(`${text} on ${ground} at ${hue}: ${ratio.toFixed(2)}`);
    }
  }
  probe.remove();
  return poor;
}
