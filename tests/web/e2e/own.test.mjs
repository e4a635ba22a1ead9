// SPDX-License-Identifier: GPL-3.0-or-later
/** A station of one's own: gone to while the music plays, found again, and refused. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FakeServer } from '../fake_server.mjs';
import { helloOf, launchBrowser, openPlayer, skipsWithoutControl, startServer, startSound } from './browser.mjs';
import { judgeTap, restartTap } from './tap.mjs';

let browser;

before(async () => (browser = await launchBrowser()));
after(() => browser?.close());

async function startOwn(t, options) {
  const server = new FakeServer(options);
  const url = await server.start();
  t.after(() => server.stop());
  return { server, url };
}

const names = (page) => page.$$eval('#stations a', (links) => links.map((link) => link.textContent));
const current = (page) => page.textContent('#stations [aria-current]');
const chosen = (page) => page.$eval('input[name=key]:checked', (input) => input.value);
const clickKey = (page, key) => page.click(`#keys label:has(input[value=${key}])`);
const untilOn = (page, name) => page.waitForFunction((wanted) => document.querySelector('#stations [aria-current]')?.textContent === wanted && document.body.dataset.connection === 'live', name);
const sounding = (page) => page.evaluate(() => globalThis.tutti.engine.playhead.sounding);

test('one\'s own begins with the preset that plays, and a reload finds it again', async (t) => {
  const server = await startServer({ options: '--private 8' });
  t.after(() => server.stop());
  if (await skipsWithoutControl(t, server.url)) return;
  const { page, errors, close } = await openPlayer(browser, server.url);
  await startSound(page);
  await page.click('#presets button[data-name=sleep]');
  await page.waitForSelector('#presets [data-name=sleep][aria-pressed=true]');
  await page.waitForTimeout(1500);
  assert.deepEqual(await names(page), ['main', 'night', 'my own']);
  await page.click('#stations a:has-text("my own")');
  await untilOn(page, 'my own');
  await page.waitForURL(/station=private/);
  assert.equal(await page.getAttribute('#play', 'aria-pressed'), 'true');
  await page.waitForFunction(() => globalThis.tutti.engine.playhead.sounding);
  await page.waitForSelector('#presets [data-name=sleep][aria-pressed=true]');
  const others = (await chosen(page)) === 'B' ? 'E' : 'B';
  await clickKey(page, others);
  await page.waitForTimeout(1500);
  const token = await page.evaluate(() => sessionStorage.getItem('tutti.resume'));
  assert.match(token, /^[\w.~-]+$/);
  // Nothing but the server knows the key now.
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await untilOn(page, 'my own');
  await page.waitForFunction((key) => document.querySelector('input[name=key]:checked')?.value === key, others);
  assert.equal(await page.evaluate(() => sessionStorage.getItem('tutti.resume')), token);
  assert.equal(await page.isVisible('#steering'), false);
  assert.deepEqual(errors, []);
  await close();
});

test('to one\'s own and back the page stays, plays, and the address follows', async (t) => {
  const { server, url } = await startOwn(t);
  const { page, errors, close } = await openPlayer(browser, url);
  await startSound(page);
  await page.evaluate(() => (globalThis.stayed = true));
  await page.click('#stations a:has-text("my own")');
  await untilOn(page, 'my own');
  await page.click('#help-open');
  assert.match(await page.textContent('#help'), /yours alone/);
  assert.match(await page.$eval('#help a', (link) => (link.focus(), link.search)), /station=private/);
  await page.keyboard.press('Escape');
  await page.goBack();
  await untilOn(page, 'main');
  await page.goForward();
  await untilOn(page, 'my own');
  const resumed = server.asked.filter((query) => query.get('station') === 'private');
  assert.equal(resumed.at(-1).get('resume'), await page.evaluate(() => sessionStorage.getItem('tutti.resume')));
  await page.click('#stations a:has-text("night")');
  await untilOn(page, 'night');
  assert.match(page.url(), /station=night/);
  await page.waitForFunction(() => globalThis.tutti.engine.playhead.sounding);
  await page.waitForTimeout(1500);
  // The frames of two stations are not to be told apart, but their steps are.
  const { roughest } = await judgeTap(page);
  await restartTap(page);
  await page.waitForTimeout(1500);
  assert.equal((await judgeTap(page)).wrong, 0);
  assert.ok(roughest.faded <= roughest.whole * 1.5 + 0.002, JSON.stringify(roughest));
  assert.equal(await page.evaluate(() => globalThis.stayed), true);
  assert.deepEqual(errors, []);
  await close();
});

test('refused, the page says so, offers the others, and plays on without a hole', async (t) => {
  const { server, url } = await startOwn(t, { privateLimit: 0 });
  const { page, errors, close } = await openPlayer(browser, url);
  await startSound(page);
  await page.waitForTimeout(1500);
  await page.click('#stations a:has-text("my own")');
  await page.waitForSelector('#notices [data-matter=full]:visible');
  assert.match(await page.textContent('#notices'), /All private stations.*still on main/);
  assert.deepEqual(await page.$$eval('#notices a', (links) => links.map((link) => link.textContent)), ['Listen to night']);
  await untilOn(page, 'main');
  await page.waitForTimeout(2000);
  assert.ok(await sounding(page));
  assert.equal(await page.evaluate(() => globalThis.tutti.stats.lost), 0);
  assert.doesNotMatch(page.url(), /private/);
  const asked = server.asked.map((query) => query.get('station'));
  assert.deepEqual(asked.slice(-2), ['private', 'main'], 'it asked again');
  await page.click('#notices a');
  await untilOn(page, 'night');
  assert.equal(await page.isVisible('#notices p'), false);
  assert.deepEqual(errors, []);
  await close();
});

test('refused where nothing plays yet, it waits for a place and offers the others', async (t) => {
  const { server, url } = await startOwn(t, { privateLimit: 0 });
  const page = await browser.newPage();
  await page.goto(`${url}/?station=private`);
  await page.waitForSelector('#notices [data-matter=full]:visible');
  await page.waitForTimeout(2500);
  assert.ok(server.asked.length <= 3, `asked ${server.asked.length} times in 2.5 s`);
  server.options.privateLimit = 1;
  await page.waitForSelector('#connection[data-state=live]', { timeout: 20000 });
  assert.equal(await current(page), 'my own');
  assert.equal(await page.isVisible('#notices p'), false);
  await page.close();
});

test('the simple player has no station of one\'s own', async (t) => {
  const { server, url } = await startOwn(t);
  const init = () => Object.defineProperty(globalThis, 'isSecureContext', { value: false });
  const { page, close } = await openPlayer(browser, url, { init, query: 'tap=1&station=private' });
  await page.waitForSelector('#stations a');
  assert.deepEqual(await names(page), ['main', 'night']);
  assert.match(await page.textContent('#notices'), /station of your own needs/);
  assert.deepEqual(server.asked.map((query) => query.get('station')), [null]);
  await close();
});

test('a station of one\'s own outlives a restart', async (t) => {
  const first = new FakeServer();
  const url = await first.start();
  const { page, close } = await openPlayer(browser, url, { query: 'tap=1&station=private' });
  const token = await page.evaluate(() => sessionStorage.getItem('tutti.resume'));
  await first.stop({ inOrder: true });
  const second = new FakeServer({ memory: first.memory });
  await second.start(Number(new URL(url).port));
  t.after(() => second.stop());
  await page.waitForSelector('#connection[data-state=live]', { timeout: 20000 });
  await page.waitForFunction(() => document.getElementById('news').textContent === '');
  assert.equal(second.asked[0].get('resume'), token);
  assert.equal((await helloOf(url, `station=private&resume=${token}`)).resume, token);
  await close();
});
