// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { TIER_NAMES, tierOf } = await importPage('tiers.js');

test('four tiers, worst first', () => assert.deepEqual(TIER_NAMES, ['emergency', 'low', 'healthy', 'full']));

for (const [level, tier] of [[0, 'emergency'], [79, 'emergency'], [81, 'low'], [139, 'low'], [141, 'healthy'], [177, 'full'], [900, 'full']]) {
  test(`${level} of 200 ms is ${tier}`, () => assert.equal(tierOf(level, 200), tier));
}

test('a level on the border does not flicker', () => {
  let tier = tierOf(180, 200);
  for (let i = 0; i < 20; i++) {
    tier = tierOf(i % 2 ? 174 : 178, 200, tier);
    assert.equal(tier, 'full');
  }
  assert.equal(tierOf(160, 200, tier), 'healthy');
});

test('a level that climbs passes every tier', () => {
  let tier = 'emergency';
  const seen = new Set();
  for (let level = 0; level <= 220; level += 2) seen.add((tier = tierOf(level, 200, tier)));
  assert.equal(seen.size, 4);
});

test('nonsense is an emergency', () => {
  assert.equal(tierOf(NaN, 200), 'emergency');
  assert.equal(tierOf(100, 0), 'emergency');
});
