// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Opus packets to interleaved stereo floats, by libopus as WebAssembly (npm opus-decoder).
 *
 * The package's bundle is a UMD script: imported as a module it leaves its exports in globalThis['opus-decoder']. It
 * also declares a class that extends Worker, which some browsers lack inside a worker; nothing here ever makes one,
 * so an empty class stands in. Whatever goes wrong while loading (no WebAssembly, a policy that forbids it) rejects
 * the promise, and the caller falls back to PCM.
 */

/** The least module there is: compiled to see whether the page's policy allows any, which the bundle would not tell. */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/**
 * @param {number} sampleRate
 * @returns {Promise<{decode(chunk: import('./chunk.js').Chunk): Float32Array}>}
 */
export async function makeOpusDecoder(sampleRate) {
  if (typeof WebAssembly !== 'object') throw new Error('this browser has no WebAssembly');
  await WebAssembly.compile(EMPTY_MODULE);
  globalThis.Worker ??= class {};
  await import('/modules/opus-decoder.js');
  const { OpusDecoder } = globalThis['opus-decoder'];
  const decoder = new OpusDecoder({ sampleRate, channels: 2 });
  await decoder.ready;
  return { decode: (chunk) => interleave(decoder, chunk) };
}

function interleave(decoder, chunk) {
  const { channelData, samplesDecoded } = decoder.decodeFrames(chunk.packets);
  const out = new Float32Array(chunk.frames * 2);
  const count = Math.min(samplesDecoded, chunk.frames);
  const [left, right] = channelData;
  for (let i = 0; i < count; i++) {
    out[2 * i] = left[i];
    out[2 * i + 1] = right[i];
  }
  return out;
}
