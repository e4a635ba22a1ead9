// SPDX-License-Identifier: GPL-3.0-or-later
/** What the page says and does when the server refuses it, or is not there at the wrong moment. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, openPlayer, startServer } from './browser.mjs';
import { startProxy } from './proxy.mjs';

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

const sounding = (page) => page.waitForFunction(() => globalThis.tutti.engine.playhead.sounding, null, { timeout: 20000 });
const clickKey = (page, key) => page.click(`#keys label:has(input[value=${key}])`);

test('a first click that finds no server is told, and the next one plays', async () => {
  // What a browser does when the module cannot be fetched: beforehand, and on the first click.
  const init = () => {
    const fetchModule = AudioWorklet.prototype.addModule;
    let failures = 2;
    AudioWorklet.prototype.addModule = function fail(...words) {
      if (failures-- === 0) AudioWorklet.prototype.addModule = fetchModule;
      if (failures < 0) return fetchModule.apply(this, words);
      return Promise.reject(new DOMException('Unable to load a worklet\'s module.', 'AbortError'));
    };
  };
  const { page, close } = await openPlayer(browser, server.url, { init });
  await page.click('#play');
  await page.waitForSelector('#notices [data-matter=sound]:visible');
  assert.match(await page.textContent('#notices'), /No sound: the server did not give/);
  await page.waitForSelector('#play[aria-pressed=false]');
  await page.click('#play');
  await sounding(page);
  await page.waitForSelector('#notices [data-matter=sound]', { state: 'detached' });
  await close();
});

test('what was chosen on one station does not follow to another', async (t) => {
  if (!server.canRestart) return t.skip('the server is not the test\'s own');
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${server.url}/?station=night`);
  await page.waitForSelector('#connection[data-state=live]');
  await page.waitForFunction(() => document.querySelector('input[name=key]:checked'));
  const before = await page.$eval('input[name=key]:checked', (input) => input.value);
  const other = before === 'B' ? 'E' : 'B';
  await page.goto(`${server.url}/?station=main`);
  await page.waitForSelector('#connection[data-state=live]');
  await clickKey(page, other);
  await page.waitForFunction((key) => document.querySelector('input[name=key]:checked')?.value === key, other);
  await page.goto(`${server.url}/?station=night`);
  await page.waitForSelector('#connection[data-state=live]');
  await page.waitForTimeout(1500);
  assert.equal(await page.$eval('input[name=key]:checked', (input) => input.value), before);
  await context.close();
});

test('a page of a name that the server does not know is told what to do', async (t) => {
  if (!process.env.TUTTI) return t.skip('only the program looks at where a page comes from');
  const proxy = await startProxy(server.url);
  t.after(() => proxy.stop());
  const page = await browser.newPage();
  // As through a proxy on another machine: the page's address is not the one that the server is asked at.
  proxy.askAs('tutti.example');
  await page.goto(proxy.url);
  await page.waitForSelector('#notices [data-matter=server]:visible', { timeout: 20000 });
  assert.match(await page.textContent('#notices'), /--origins/);
  proxy.askAs(null);
  await page.waitForSelector('#connection[data-state=live]', { timeout: 20000 });
  await page.waitForSelector('#notices [data-matter=server]', { state: 'detached' });
  await page.close();
});

test('what the server does not take is seen', async () => {
  const { page, close } = await openPlayer(browser, server.url);
  await page.evaluate(() => globalThis.tutti.engine.send({ type: 'control', bpm: 9999 }));
  await page.waitForSelector('#notices [data-matter=refusal]:visible');
  assert.match(await page.textContent('#notices'), /30 to 200/);
  await close();
});
