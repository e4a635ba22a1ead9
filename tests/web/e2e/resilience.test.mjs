// SPDX-License-Identifier: GPL-3.0-or-later
/** What the page does when something is missing or breaks. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, openPlayer, startServer, startSound, tryThrice, assertSoon } from './browser.mjs';
import { startProxy } from './proxy.mjs';
import { judgeTap, readCounters, restartTap } from './tap.mjs';

const LISTEN_MS = 4000;
/** Longer than any sound in hand. */
const STALL_MS = 3000;
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
const silent = (page) => page.waitForFunction(() => !globalThis.tutti.engine.playhead.sounding, null, { timeout: 10000 });

/** No step between samples in or near silence that the music itself does not have. */
function assertSmooth({ wrong, roughest }) {
  assert.equal(wrong, 0);
  assert.ok(roughest.faded <= roughest.whole * 1.5 + 0.002, JSON.stringify(roughest));
}

test('plays on by itself after the server restarted', async (t) => {
  if (!server.canRestart) return t.skip('the server is not the test\'s own');
  const { page, close } = await openPlayer(browser, server.url);
  await startSound(page);
  await page.waitForTimeout(2000);
  // Away and back may be over between two looks at the page: it counts itself.
  await page.evaluate(() => {
    globalThis.returns = 0;
    globalThis.tutti.engine.addEventListener('connection', ({ detail }) => (globalThis.returns += detail.state === 'live' ? 1 : 0));
  });
  await server.restart();
  await page.waitForFunction(() => globalThis.returns > 0, null, { timeout: 20000 });
  await page.waitForTimeout(1500);
  await sounding(page);
  // Frames of the life before are not to be told from those of this one.
  await restartTap(page);
  await page.waitForTimeout(LISTEN_MS);
  assertSmooth(await judgeTap(page));
  assert.equal(await page.getAttribute('#connection', 'data-state'), 'live');
  assert.equal(await page.getAttribute('#play', 'aria-pressed'), 'true');
  await close();
});

test('a cut connection comes back to the same life without a wrong sample', async (t) => {
  const proxy = await startProxy(server.url);
  t.after(() => proxy.stop());
  const { page, close } = await openPlayer(browser, proxy.url);
  await startSound(page);
  await page.waitForTimeout(1500);
  proxy.cut();
  await page.waitForFunction(() => /Reconnecting|Back in \d+ s/.test(document.getElementById('connection-word').textContent));
  await silent(page);
  proxy.mend();
  await sounding(page);
  await page.waitForTimeout(1500);
  assertSmooth(await judgeTap(page));
  await close();
});

test('a network that stalls is bridged by a fade, and the sound is live again after it', async (t) => {
  const proxy = await startProxy(server.url);
  t.after(() => proxy.stop());
  const { page, close } = await openPlayer(browser, proxy.url);
  await startSound(page);
  await page.waitForTimeout(1500);
  proxy.stall(STALL_MS);
  await silent(page);
  await sounding(page);
  await page.waitForTimeout(LISTEN_MS);
  const counters = await readCounters(page);
  assert.ok(counters.underruns >= 1);
  assert.ok(counters.level < counters.targetMs + 400, `level ${counters.level} of ${counters.targetMs}`);
  assertSmooth(await judgeTap(page));
  await close();
});

test('plays PCM where WebAssembly is forbidden', async (t) => {
  const proxy = await startProxy(server.url, (headers) => {
    const policy = headers['content-security-policy'];
    if (policy) headers['content-security-policy'] = policy.replace("'wasm-unsafe-eval'", '');
  });
  t.after(() => proxy.stop());
  const { page, close } = await openPlayer(browser, proxy.url);
  await startSound(page);
  await page.waitForTimeout(LISTEN_MS);
  assert.equal((await readCounters(page)).format, 'pcm');
  const judged = await judgeTap(page);
  assert.ok(judged.exact + judged.resampled > 1000);
  assertSmooth(judged);
  await close();
});

test('plays without SharedArrayBuffer', async (t) => {
  const proxy = await startProxy(server.url, (headers) => {
    delete headers['cross-origin-opener-policy'];
    delete headers['cross-origin-embedder-policy'];
  });
  t.after(() => proxy.stop());
  const { page, errors, close } = await openPlayer(browser, proxy.url);
  assert.equal(await page.evaluate(() => globalThis.crossOriginIsolated), false);
  await startSound(page);
  await page.waitForTimeout(LISTEN_MS);
  const judged = await judgeTap(page);
  assert.ok(judged.exact + judged.resampled > 1000);
  assertSmooth(judged);
  assert.deepEqual(errors, []);
  await close();
});

test('pause is silent, and play is live again at once', async (t) => {
  const { page, errors, close } = await openPlayer(browser, server.url);
  await startSound(page);
  await page.waitForTimeout(1000);
  await page.click('#play');
  await page.waitForFunction(() => globalThis.tutti.engine.context.state === 'suspended');
  await page.waitForTimeout(1500);
  const before = await page.evaluate(() => globalThis.tutti.engine.report[globalThis.tutti.R.streamFrame]);
  await page.click('#play');
  await sounding(page);
  await page.waitForTimeout(1000);
  const { streamFrame } = await readCounters(page);
  assert.ok(streamFrame - before > 2 * 48000 * 0.9, 'it went on where it had stopped');
  assertSmooth(await judgeTap(page));
  assert.deepEqual(errors, []);
  await close();
});

test('a main thread that hangs does not starve the sound', async (t) => {
  const { page, close } = await openPlayer(browser, server.url);
  await startSound(page);
  await tryThrice(t, async () => {
    await page.waitForTimeout(1000);
    const before = await readCounters(page);
    await page.evaluate(() => {
      const end = performance.now() + 1500;
      while (performance.now() < end);
    });
    await page.waitForTimeout(500);
    const { underruns } = await readCounters(page);
    assertSoon(underruns === before.underruns, `${underruns - before.underruns} underruns`);
  });
  await close();
});
