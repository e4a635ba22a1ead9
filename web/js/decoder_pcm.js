// SPDX-License-Identifier: GPL-3.0-or-later
/** PCM s16le to interleaved stereo floats. */

/** @returns {{decode(chunk: import('./chunk.js').Chunk): Float32Array}} */
export function makePcmDecoder() {
  return {
    decode(chunk) {
      const bytes = chunk.packets[0];
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const out = new Float32Array(chunk.frames * 2);
      const right = chunk.channels === 2 ? 1 : 0;
      for (let i = 0; i < chunk.frames; i++) {
        const at = i * chunk.channels;
        out[2 * i] = view.getInt16(2 * at, true) / 32768;
        out[2 * i + 1] = view.getInt16(2 * (at + right), true) / 32768;
      }
      return out;
    },
  };
}
