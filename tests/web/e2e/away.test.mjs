// SPDX-License-Identifier: GPL-3.0-or-later
/** A server that goes away and comes back: what is heard, asked for, and said meanwhile. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FakeServer } from '../fake_server.mjs';
import { assertSoon, launchBrowser, openPlayer, skipsWithoutControl, startServer, startSound, tryThrice } from './browser.mjs';
import { judgeTap, readCounters } from './tap.mjs';

const BACK_MS = 3000;
let browser;

before(async () => (browser = await launchBrowser()));
after(() => browser?.close());

/** A server of the tests' own that can be followed by another at its address. */
async function startOwn(t, options = {}) {
  const own = { server: new FakeServer(options) };
  own.url = await own.server.start();
  own.next = async (memory = null) => {
    own.server = new FakeServer({ ...options, memory });
    await own.server.start(Number(new URL(own.url).port));
  };
  t.after(() => own.server.stop());
  return own;
}

/** Everything that the two calm regions of the page said, from now on. */
async function hearPage(page) {
  await page.evaluate(() => {
    globalThis.said = [];
    for (const id of ['news', 'announce', 'notices']) {
      const note = () => document.getElementById(id).textContent && globalThis.said.push(`${id}: ${document.getElementById(id).textContent}`);
      new MutationObserver(note).observe(document.getElementById(id), { childList: true, subtree: true, characterData: true });
    }
  });
  return () => page.evaluate(() => globalThis.said);
}

const sounding = (page) => page.waitForFunction(() => globalThis.tutti.engine.playhead.sounding, null, { timeout: 20000 });
const live = (page) => page.waitForSelector('#connection[data-state=live]', { timeout: 20000 });

test('a server that restarts in order goes on without a hole or a click', async (t) => {
  await tryThrice(t, async () => {
    const own = await startOwn(t);
    const { page, close } = await openPlayer(browser, own.url);
    await startSound(page);
    await page.waitForTimeout(4000);
    const before = await readCounters(page);
    const needed = own.server.station.sequence;
    await own.server.stop({ inOrder: true });
    await own.next(own.server.memory);
    await page.waitForTimeout(3000);
    const [counters, judged] = [await readCounters(page), await judgeTap(page)];
    const asked = own.server.asked.at(-1).get('resume');
    await close();
    assert.ok(Math.abs(Number(asked) - needed) <= 1, `${asked} where ${needed} was next`);
    assert.equal(counters.lost, 0);
    assert.deepEqual([judged.wrong, judged.breaks], [0, 0]);
    assert.ok(counters.received > before.received + 10);
    assertSoon(counters.underruns === before.underruns, `${counters.underruns - before.underruns} underruns over a restart`);
  });
});

test('a restart is told once, calmly, and is no error', async (t) => {
  const own = await startOwn(t);
  const { page, close } = await openPlayer(browser, own.url);
  await startSound(page);
  await page.waitForTimeout(2500);
  const said = await hearPage(page);
  await own.server.stop({ inOrder: true });
  await page.waitForSelector('#news [data-matter=away]:visible');
  assert.equal(await page.textContent('#connection-word'), 'Restarting');
  // Several attempts fail meanwhile.
  await page.waitForTimeout(2500);
  await own.next(own.server.memory);
  await live(page);
  await page.waitForTimeout(2500);
  const words = await said();
  assert.deepEqual(words.filter((text) => !text.startsWith('announce')), ['news: The station is restarting: the music goes on in a moment.']);
  assert.deepEqual(words.filter((text) => text.startsWith('announce')), ['announce: Live']);
  assert.equal(await page.textContent('#news'), '');
  await close();
});

test('after a crash it asks to go on with the chunk after the last, and says that it reconnects once', async (t) => {
  const own = await startOwn(t);
  const { page, close } = await openPlayer(browser, own.url);
  await startSound(page);
  await page.waitForTimeout(2500);
  const said = await hearPage(page);
  const needed = own.server.station.sequence;
  await own.server.stop();
  await page.waitForSelector('#connection[data-state=waiting]');
  assert.match(await page.textContent('#connection-word'), /^Reconnecting$/);
  await page.waitForTimeout(2500);
  await own.next(own.server.memory);
  await sounding(page);
  await live(page);
  await page.waitForTimeout(1500);
  assert.ok(Math.abs(Number(own.server.asked.at(-1).get('resume')) - needed) <= 1);
  assert.deepEqual((await said()).filter((text) => !text.endsWith('Live')), ['announce: Connection lost, reconnecting']);
  assert.equal((await judgeTap(page)).wrong, 0);
  await close();
});

test(`sound is back within ${BACK_MS} ms of the server's return`, async (t) => {
  const own = await startOwn(t);
  const { page, close } = await openPlayer(browser, own.url);
  await startSound(page);
  await page.waitForTimeout(3500);
  await tryThrice(t, async () => {
    await own.server.stop();
    await page.waitForFunction(() => !globalThis.tutti.engine.playhead.sounding);
    await page.waitForTimeout(4000 + 1000 * Math.random());
    await own.next();
    const back = Date.now();
    await sounding(page);
    const took = Date.now() - back;
    t.diagnostic(`sound again ${took} ms after the server`);
    assertSoon(took < BACK_MS, `${took} ms`);
  });
  await close();
});

test('a server that speaks as before is listened to as before', async (t) => {
  const own = await startOwn(t, { old: true });
  const { page, errors, close } = await openPlayer(browser, own.url);
  await startSound(page);
  await page.waitForTimeout(1500);
  assert.deepEqual(await page.$$eval('#stations a', (links) => links.map((link) => link.textContent)), ['main', 'night']);
  assert.equal(await page.isVisible('#steering'), false);
  assert.equal(await page.isDisabled('#keys input >> nth=0'), false);
  await own.server.stop({ inOrder: true });
  await page.waitForSelector('#news [data-matter=away]:visible');
  await own.next();
  await live(page);
  await sounding(page);
  assert.equal((await judgeTap(page)).wrong, 0);
  assert.deepEqual(errors.filter((text) => !/WebSocket/.test(text)), []);
  await close();
});

test('chunks that the server left out are counted', async (t) => {
  const own = await startOwn(t);
  const { page, close } = await openPlayer(browser, own.url);
  own.server.station.skip(4);
  own.server.station.skip(3);
  await page.waitForFunction(() => globalThis.tutti.stats.skipped === 7);
  assert.ok((await readCounters(page)).lost >= 7);
  await page.goto(`${own.url}/debug`);
  await live(page);
  own.server.station.skip(5);
  await page.waitForFunction(() => [...document.querySelectorAll('#counters div')].some((row) => /skipped/.test(row.textContent) && row.querySelector('dd').textContent === '5'));
  await close();
});

test('the program itself goes away and comes back', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  if (await skipsWithoutControl(t, server.url)) return;
  if (!server.canRestart) return void t.skip('the server is not the test\'s own');
  await tryThrice(t, async () => {
    const { page, close } = await openPlayer(browser, server.url);
    await startSound(page);
    await page.waitForTimeout(2500);
    const said = await hearPage(page);
    await server.restart();
    await live(page);
    await sounding(page);
    await page.waitForTimeout(2000);
    assert.ok((await said()).includes('news: The station is restarting: the music goes on in a moment.'));
    assert.equal((await judgeTap(page)).wrong, 0);
    assert.equal(await page.textContent('#news'), '');
    await close();
  });
});
