// SPDX-License-Identifier: GPL-3.0-or-later
/** What the tap recorded, judged in the page itself: minutes of samples stay where they are. */

/**
 * Compares every block that went out with what was decoded.
 *
 * exact: blocks at one to one, equal bit for bit; resampled: blocks off one to one, equal to the page's resampler run
 * over the decoded sequence; wrong: neither; faded: blocks in or next to silence; breaks: places where a block does not
 * begin where the one before it ended; roughest: the greatest step between samples in faded blocks, and in the others.
 * A server that starts anew counts its frames anew, so a block may stem from any of the lives that were decoded.
 * @param {import('playwright-core').Page} page
 */
export function judgeTap(page) {
  return page.evaluate(async () => {
    const { resample, TAPS_BEFORE, TAPS_AFTER } = await import('/js/resampler.js');
    const { decoded, output } = globalThis.tutti.engine.tap;
    const lives = decoded.reduce((all, chunk) => {
      const last = all.at(-1);
      if (last && chunk.frame > last.at(-1).frame) last.push(chunk);
      else all.push([chunk]);
      return all;
    }, []);
    let chunks = [];
    let near = 0;

    function sampleAt(frame, channel) {
      const holds = (i) => chunks[i] && frame >= chunks[i].frame && frame < chunks[i].frame + chunks[i].samples.length / 2;
      if (!holds(near)) near = holds(near + 1) ? near + 1 : holds(near - 1) ? near - 1 : chunks.findIndex((_, i) => holds(i));
      return near < 0 ? ((near = 0), NaN) : chunks[near].samples[2 * (frame - chunks[near].frame) + channel];
    }

    function difference({ from, step, left, right }) {
      if (Number.isNaN(sampleAt(Math.floor(from), 0))) return NaN;
      const first = Math.floor(from) - TAPS_BEFORE;
      const length = TAPS_BEFORE + Math.ceil(left.length * step) + TAPS_AFTER + 2;
      let most = 0;
      [left, right].forEach((actual, channel) => {
        const input = Float32Array.from({ length }, (_, i) => sampleAt(first + i, channel));
        const expected = new Float32Array(actual.length);
        const position = from - Math.floor(from) + TAPS_BEFORE;
        resample(input, position, step, expected, actual.length);
        for (let i = 0; i < actual.length; i++) {
          const error = Math.abs(actual[i] - expected[i]);
          if (!(error <= most)) most = error;
        }
      });
      return most;
    }

    function leastDifference(block) {
      const errors = lives.map((life) => {
        [chunks, near] = [life, 0];
        return difference(block);
      });
      return Math.min(...errors.filter((error) => !Number.isNaN(error)), Infinity);
    }

    const result = { exact: 0, resampled: 0, wrong: 0, faded: 0, breaks: 0, roughest: { faded: 0, whole: 0 } };
    let before = null;
    let last = output[0]?.left[0] ?? 0;
    for (const block of output) {
      const whole = before?.gain === 1 && block.gain === 1;
      const kind = whole ? 'whole' : 'faded';
      for (const value of block.left) {
        result.roughest[kind] = Math.max(result.roughest[kind], Math.abs(value - last));
        last = value;
      }
      if (whole) {
        if (Math.abs(before.from + before.step * 128 - block.from) > 1e-3) result.breaks++;
        const error = leastDifference(block);
        const untouched = block.step === 1 && Number.isInteger(block.from);
        if (untouched && error === 0) result.exact++;
        else if (!untouched && error < 1e-4) result.resampled++;
        else result.wrong++;
      } else if (before) result.faded++;
      before = block;
    }
    return result;
  });
}

/** Begins anew while sound plays: after the first block of which the decoding was recorded too. */
export async function restartTap(page) {
  await page.evaluate(() => (globalThis.tutti.engine.tap.decoded = []));
  await page.waitForFunction(() => {
    const { tap } = globalThis.tutti.engine;
    const { from } = tap.output.at(-1) ?? {};
    return tap.decoded.some(({ frame, samples }) => from > frame + 64 && from < frame + samples.length / 2);
  });
  await page.evaluate(() => (globalThis.tutti.engine.tap.output = []));
}

/** The counters of the audio thread and of the stream. */
export function readCounters(page) {
  return page.evaluate(() => {
    const { engine, stats, R } = globalThis.tutti;
    const report = engine.refresh();
    const numbers = Object.fromEntries(Object.entries(R).map(([name, i]) => [name, report[i]]));
    return { ...stats, ...numbers, outputLatencyMs: engine.playhead.outputLatency * 1000 };
  });
}
