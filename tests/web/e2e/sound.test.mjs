// SPDX-License-Identifier: GPL-3.0-or-later
/** From the click to the sound, and TUTTI_SECONDS (30) of it without a flaw. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, openPlayer, startServer, startSound, tryThrice, assertSoon } from './browser.mjs';
import { judgeTap, readCounters } from './tap.mjs';

const SECONDS = Number(process.env.TUTTI_SECONDS ?? 30);
const CLICK_TO_SOUND_MS = 500;
const STARTS = 3;
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

/** Milliseconds from the click to the first sample that is not silence: out of the audio thread, and at the ear. */
async function measureStart(page) {
  await page.evaluate(() => addEventListener('click', (event) => (globalThis.clicked ??= event.timeStamp), { capture: true }));
  await startSound(page);
  await page.waitForTimeout(1000);
  return page.evaluate(() => {
    const { engine } = globalThis.tutti;
    const block = engine.tap.output.find(({ left }) => left.some((value) => Math.abs(value) > 1e-4));
    const index = block.left.findIndex((value) => Math.abs(value) > 1e-4);
    const stamp = engine.context.getOutputTimestamp();
    const time = (block.at + index) / engine.context.sampleRate;
    const heard = stamp.performanceTime + (time - stamp.contextTime) * 1000 - globalThis.clicked;
    return { heard, left: heard - engine.playhead.outputLatency * 1000 };
  });
}

async function assertStartsSoon(t) {
  const starts = [];
  for (let i = 0; i < STARTS; i++) {
    const { page, close } = await openPlayer(browser, server.url);
    await page.waitForTimeout(500);
    starts.push(await measureStart(page).finally(close));
  }
  const text = starts.map(({ heard, left }) => `${heard.toFixed(0)} (${left.toFixed(0)} without the output latency)`);
  t.diagnostic(`click to sound, ms: ${text.join(', ')}`);
  const middle = starts.map(({ heard }) => heard).sort((a, b) => a - b)[Math.floor(STARTS / 2)];
  assert.ok(middle < 10 * CLICK_TO_SOUND_MS, `${middle} ms`);
  assertSoon(middle < CLICK_TO_SOUND_MS, `${middle.toFixed(0)} ms from the click to sound`);
}

/** Plays for SECONDS; what came out, what the page counted, and what it complained of. */
async function listen() {
  const { page, errors, close } = await openPlayer(browser, server.url);
  try {
    await startSound(page);
    await page.waitForTimeout(SECONDS * 1000);
    return { judged: await judgeTap(page), counters: await readCounters(page), errors };
  } finally {
    await close();
  }
}

test(`from the click to sound in less than ${CLICK_TO_SOUND_MS} ms`, (t) => tryThrice(t, () => assertStartsSoon(t)));

test(`${SECONDS} s without a gap or a click`, async (t) => {
  let flaw = null;
  await tryThrice(t, async () => {
    const { judged, counters, errors } = await listen();
    t.diagnostic(JSON.stringify({ judged, counters }));
    // A starved machine may cost a pause, but never a wrong sample.
    if (judged.wrong > 0 || judged.breaks > 0 || errors.length > 0) flaw ??= JSON.stringify({ judged, errors });
    const out = judged.exact + judged.resampled;
    assert.ok(out > (SECONDS - 2) * 375 * 0.5, 'half of it is missing');
    assertSoon(out > (SECONDS - 2) * 375 * 0.95, `${out} blocks went out`);
    assert.equal(counters.refused, 0);
    const pauses = counters.underruns + counters.skips + counters.jumps + counters.lost;
    assertSoon(pauses === 0, `${pauses} pauses`);
  });
  assert.equal(flaw, null);
});
