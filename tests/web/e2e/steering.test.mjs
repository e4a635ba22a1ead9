// SPDX-License-Identifier: GPL-3.0-or-later
/** Who may steer a station, and what the page does for those who may not. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FakeServer } from '../fake_server.mjs';
import { launchBrowser, openPlayer, skipsWithoutControl, startServer, startSound } from './browser.mjs';

const TOKEN = 'secret';
let browser;
/** With a control token; null where the server knows none. */
let server = null;
/** The tests' own with a control token, for what concerns the page alone. */
const own = new FakeServer({ controlToken: TOKEN });
let ownUrl;

before(async () => {
  browser = await launchBrowser();
  ownUrl = await own.start();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await own.stop();
});

/** Starts the server with a token, once; false, and the test skipped, where it knows none. */
async function guarded(t) {
  if (server) return true;
  const plain = await startServer();
  const missing = await skipsWithoutControl(t, plain.url).finally(() => plain.stop());
  if (missing) return false;
  if (process.env.TUTTI_URL) return void t.skip('the server is not the test\'s own');
  server = await startServer({ options: `--control-token ${TOKEN}`, fake: { controlToken: TOKEN } });
  return true;
}

const chosen = (page) => page.$eval('input[name=key]:checked', (input) => input.value);
const clickKey = (page, key) => page.click(`#keys label:has(input[value=${key}])`);
const STEERED = ['#keys input >> nth=0', '#modes input >> nth=0', '#presets button >> nth=0', '#intensity', '#bpm'];
const disabled = (page) => Promise.all(STEERED.map((selector) => page.isDisabled(selector)));

async function giveToken(page, token) {
  await page.fill('#token', token);
  await page.keyboard.press('Enter');
}

test('without the token the controls only show, and say why', async (t) => {
  if (!(await guarded(t))) return;
  const { page, errors, close } = await openPlayer(browser, server.url);
  await page.waitForSelector('#steering:visible');
  assert.match(await page.textContent('#steering'), /Steering needs the control token/);
  await page.waitForFunction(() => document.querySelector('input[name=key]:checked'));
  assert.deepEqual(await disabled(page), STEERED.map(() => true));
  assert.equal(await page.isDisabled('#volume'), false);
  const key = await chosen(page);
  await page.waitForTimeout(2500);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('1');
  await page.waitForFunction(() => /Steering needs/.test(document.getElementById('announce').textContent));
  assert.equal(await chosen(page), key);
  assert.equal(await page.isVisible('#notices p'), false);
  await page.keyboard.press('?');
  assert.match(await page.textContent('#help'), /control token/);
  assert.deepEqual(errors, []);
  await close();
});

test('the token opens the controls while the sound goes on, and holds for the tab', async (t) => {
  if (!(await guarded(t))) return;
  const { page, errors, close } = await openPlayer(browser, server.url);
  await startSound(page);
  await page.waitForSelector('#steering:visible');
  await giveToken(page, 'wrong');
  await page.waitForFunction(() => /not the control token/.test(document.getElementById('steering-reason').textContent));
  assert.equal(await page.getAttribute('#token', 'aria-invalid'), 'true');
  await giveToken(page, TOKEN);
  await page.waitForSelector('#steering', { state: 'hidden' });
  assert.deepEqual(await disabled(page), STEERED.map(() => false));
  assert.equal(await page.evaluate(() => globalThis.tutti.stats.lost), 0);
  const wanted = (await chosen(page)) === 'A' ? 'E' : 'A';
  await clickKey(page, wanted);
  await page.waitForTimeout(1500);
  assert.equal(await chosen(page), wanted);
  await page.reload();
  await page.waitForSelector('#connection[data-state=live]');
  assert.equal(await page.isVisible('#steering'), false);
  assert.deepEqual(errors, []);
  await close();
});

test('a token in the address is taken, and gone from there', async (t) => {
  if (!(await guarded(t))) return;
  const { page, close } = await openPlayer(browser, server.url, { query: `tap=1&station=main#token=${TOKEN}` });
  await page.waitForFunction(() => document.querySelector('input[name=key]:checked'));
  assert.equal(await page.isVisible('#steering'), false);
  assert.equal(page.url(), `${server.url}/?tap=1&station=main`);
  await close();
  const { page: other, close: closeOther } = await openPlayer(browser, server.url);
  await other.waitForSelector('#steering:visible');
  await other.evaluate((token) => (location.hash = `token=${token}`), TOKEN);
  await other.waitForSelector('#steering', { state: 'hidden' });
  assert.equal(await other.evaluate(() => location.hash), '');
  await closeOther();
});

test('what is typed into the field is no shortcut', async () => {
  const { page, close } = await openPlayer(browser, ownUrl);
  await page.focus('#token');
  await page.keyboard.type('m?1 .+');
  assert.equal(await page.inputValue('#token'), 'm?1 .+');
  assert.notEqual(await page.textContent('#volume-value'), 'Muted');
  assert.equal(await page.isVisible('#help'), false);
  assert.equal(await page.getAttribute('#play', 'aria-pressed'), 'false');
  await close();
});

for (const width of [320, 360, 768, 1280]) {
  test(`${width} pixels: the field and what it says lie well`, async () => {
    const { page, close } = await openPlayer(browser, ownUrl, { context: { viewport: { width, height: 800 } } });
    await page.waitForSelector('#steering:visible');
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
    for (const selector of ['#token', '#steering button']) assert.ok((await page.locator(selector).boundingBox()).height >= 43.5, selector);
    const overlap = await page.evaluate(() => {
      const boxes = [...document.getElementById('controls').children].map((one) => one.getBoundingClientRect());
      return boxes.some((a, i) => boxes.some((b, j) => i < j && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1));
    });
    assert.equal(overlap, false);
    if (width === 1280) assert.ok((await page.evaluate(() => document.documentElement.scrollHeight)) <= 800);
    await close();
  });
}

test('the page has the token\'s way in on its own too', async () => {
  const { page, errors, close } = await openPlayer(browser, ownUrl, { query: 'tap=1#token=wrong' });
  await page.waitForFunction(() => /not the control token/.test(document.getElementById('steering-reason').textContent));
  await giveToken(page, TOKEN);
  await page.waitForSelector('#steering', { state: 'hidden' });
  assert.equal(own.asked.at(-1).get('token'), TOKEN);
  assert.equal(page.url(), `${ownUrl}/?tap=1`);
  assert.deepEqual(errors, []);
  await close();
});

test('a right that was lost meanwhile is told, and the dial is put back', async (t) => {
  const fake = new FakeServer({ controlToken: null });
  const url = await fake.start();
  t.after(() => fake.stop());
  const { page, close } = await openPlayer(browser, url);
  await page.waitForFunction(() => document.querySelector('input[name=key]:checked'));
  const key = await chosen(page);
  const refusal = { type: 'error', code: 'forbidden', message: 'steering this station takes its control token' };
  // The server takes nothing from now on, as after its configuration was read again.
  fake.station.set = () => fake.tell(refusal);
  await page.focus('#keys input:checked');
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector('#notices [data-matter=refusal]:visible');
  assert.match(await page.textContent('#notices'), /takes its control token/);
  await page.waitForSelector('#steering:visible');
  assert.equal(await chosen(page), key);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'token');
  assert.equal(await page.evaluate(() => JSON.parse(localStorage.getItem('tutti.station.main') ?? '{}').key), undefined);
  await close();
});
