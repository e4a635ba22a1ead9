// SPDX-License-Identifier: GPL-3.0-or-later
/** What somebody new to the page runs into. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, openPlayer, startServer } from './browser.mjs';
import { startProxy } from './proxy.mjs';

const streamsOgg = Boolean(process.env.TUTTI || process.env.TUTTI_URL);
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

const untilKey = (page, key) => page.waitForFunction((wanted) => document.querySelector('input[name=key]:checked')?.value === wanted, key);
const chosenKey = (page) => page.$eval('input[name=key]:checked', (input) => input.value);
const clickKey = (page, key) => page.click(`#keys label:has(input[value=${key}])`);
/** As in a page that came over plain http from another machine. */
const withoutAudioThread = () => Object.defineProperty(globalThis, 'isSecureContext', { value: false });

test('plays where there is no audio thread, and says so', async (t) => {
  if (!streamsOgg) return t.skip('only the program streams Ogg');
  const { page, errors, close } = await openPlayer(browser, server.url, { init: withoutAudioThread });
  assert.match(await page.textContent('#notices'), /simple player.*https.*localhost/);
  await page.fill('#volume', '0.5');
  await page.click('#play');
  await page.waitForFunction(() => globalThis.tutti.engine.playhead.sounding);
  const place = () => page.evaluate(() => ({ heard: globalThis.tutti.engine.playhead.frameAt(), live: globalThis.tutti.engine.playhead.live().frame }));
  const first = await place();
  await page.waitForTimeout(2000);
  const { heard, live } = await place();
  assert.ok(heard > first.heard + 24000, 'the playhead stands');
  assert.ok(heard < live && live - heard < 8 * 48000, `${live - heard} frames behind`);
  await page.click('#play');
  await page.waitForSelector('#play[aria-pressed=false]');
  assert.equal(await page.evaluate(() => globalThis.tutti.engine.playhead.sounding), false);
  assert.deepEqual(errors, []);
  await close();
});

test('a sound that cannot start is seen', async () => {
  const init = () => (AudioContext.prototype.resume = () => Promise.reject(new Error('the device is gone')));
  const { page, close } = await openPlayer(browser, server.url, { init });
  await page.click('#play');
  await page.waitForSelector('#notices [data-matter=sound]:visible');
  assert.match(await page.textContent('#notices'), /No sound: the device is gone/);
  await page.waitForSelector('#play[aria-pressed=false]');
  await close();
});

test('the help is left by Enter, to where it was opened', async () => {
  const { page, close } = await openPlayer(browser, server.url);
  const address = page.url();
  await page.keyboard.press('?');
  await page.waitForSelector('#help[open]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#help:not([open])', { state: 'attached' });
  assert.equal(page.url(), address);
  await close();
});

test('a station that does not exist is said, with the way to those that do, and not asked for again', async () => {
  const page = await browser.newPage();
  let asked = 0;
  page.on('websocket', () => asked++);
  await page.goto(`${server.url}/?station=nosuch`);
  await page.waitForSelector('#notices a');
  assert.match(await page.textContent('#notices'), /No .*station.*there are main, night/);
  const before = asked;
  await page.waitForTimeout(3000);
  assert.equal(asked, before);
  await page.click('#notices a:has-text("night")');
  await page.waitForSelector('#connection[data-state=live]');
  assert.match(page.url(), /station=night/);
  await page.close();
});

test('the stations can be chosen, and the present one is marked', async () => {
  const { page, close } = await openPlayer(browser, server.url);
  await page.waitForSelector('#stations [aria-current]');
  const listed = await page.$$eval('#stations a', (links) => links.map((link) => link.textContent));
  assert.deepEqual(listed.filter((name) => name !== 'my own'), ['main', 'night']);
  await page.focus('#stations a:has-text("night")');
  await page.keyboard.press('Enter');
  await page.waitForURL(/station=night/);
  await page.waitForSelector('#connection[data-state=live]');
  await close();
});

test('a server that restarted keeps its own values', async (t) => {
  if (!server.canRestart) return t.skip('the server is not the test\'s own');
  const { page, close } = await openPlayer(browser, server.url);
  const original = await chosenKey(page);
  await clickKey(page, original === 'A' ? 'E' : 'A');
  await page.waitForTimeout(1500);
  // The page may be away for a few frames only.
  await Promise.all([page.waitForEvent('websocket'), server.restart()]);
  await page.waitForSelector('#connection[data-state=live]', { timeout: 20000 });
  await page.waitForTimeout(1500);
  assert.equal(await chosenKey(page), original);
  await close();
});

test('what is touched while offline is sent when back; the page shows that it is away', async (t) => {
  const proxy = await startProxy(server.url);
  t.after(() => proxy.stop());
  const [away, other] = [await openPlayer(browser, proxy.url), await openPlayer(browser, server.url)];
  const wanted = (await chosenKey(other.page)) === 'B' ? 'E' : 'B';
  proxy.cut();
  await away.page.waitForSelector('#connection[data-state=waiting]');
  await clickKey(away.page, wanted);
  assert.equal(await away.page.isVisible('#listeners'), false);
  proxy.mend();
  await untilKey(other.page, wanted);
  await untilKey(away.page, wanted);
  await away.close();
  await other.close();
});

test('a change by keyboard is announced', async () => {
  const { page, close } = await openPlayer(browser, server.url);
  await page.waitForTimeout(2500);
  const heard = (pattern) => page.waitForFunction((source) => new RegExp(source).test(document.getElementById('announce').textContent), pattern);
  await page.keyboard.press('ArrowRight');
  await heard('^Key [A-G]');
  await page.keyboard.press('ArrowUp');
  await heard('^Intensity \\d+%');
  await close();
});

test('a laptop shows everything at once', async () => {
  const { page, close } = await openPlayer(browser, server.url, { context: { viewport: { width: 1280, height: 800 } } });
  await page.waitForSelector('#presets button');
  const low = await page.$$eval('.deck *', (all) => all.filter((one) => one.getBoundingClientRect().bottom > innerHeight).map((one) => one.id || one.className));
  assert.deepEqual(low, []);
  await close();
});

test('a part has the same colour in every key', async () => {
  const { page, close } = await openPlayer(browser, server.url);
  const colours = (hue) => page.evaluate((value) => {
    document.documentElement.style.transition = 'none';
    document.documentElement.style.setProperty('--hue', value);
    return [...document.querySelectorAll('.legend li')].map((item) => getComputedStyle(item, '::before').backgroundColor);
  }, hue);
  assert.deepEqual(await colours('10'), await colours('200'));
  await close();
});

test('the inside of the stream shows no numbers that are not known', async () => {
  const page = await browser.newPage();
  // Of a station that is not there nothing comes, so that nothing gets known while it is being looked at.
  await page.goto(`${server.url}/debug?station=nowhere`);
  await page.waitForSelector('#counters dd');
  const row = (name) => page.textContent(`#counters div:has(dt:text-is("${name}")) dd`);
  for (const name of ['speed now', 'due to ear', 'output latency', 'level aimed at']) assert.equal(await row(name), '–', name);
  await page.close();
});
