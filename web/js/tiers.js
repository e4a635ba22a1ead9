// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Four words for how safe the sound is: the level of the buffer against its target. A tier is left only when the
 * level is clearly outside it, so that the display does not flicker.
 */

/** @typedef {'emergency'|'low'|'healthy'|'full'} Tier */

/** Best first, each with the least share of the target that it needs. */
const TIERS = [
  { name: 'full', least: 0.88 },
  { name: 'healthy', least: 0.7 },
  { name: 'low', least: 0.4 },
  { name: 'emergency', least: -Infinity },
];
const HYSTERESIS = 0.04;

export const TIER_NAMES = TIERS.map((tier) => tier.name).reverse();

/**
 * @param {number} levelMs
 * @param {number} targetMs
 * @param {Tier} [before]  the tier shown now
 * @returns {Tier}
 */
export function tierOf(levelMs, targetMs, before) {
  const share = targetMs > 0 && Number.isFinite(levelMs) ? levelMs / targetMs : 0;
  const held = TIERS.findIndex((tier) => tier.name === before);
  const found = TIERS.findIndex((tier, i) => {
    const margin = held < 0 ? 0 : i < held ? HYSTERESIS : -HYSTERESIS;
    return share >= tier.least + margin;
  });
  return /** @type {Tier} */ (TIERS[found].name);
}
