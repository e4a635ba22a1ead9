// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { Store, VOLUME_DEFAULT } = await importPage('store.js');

function fakeStorage(initial = {}) {
  const items = new Map(Object.entries(initial));
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => items.set(key, value) };
}

function visit(storage, station = 'main') {
  const store = new Store(storage);
  store.enter(station);
  return store;
}

test('what is set is read back by the next visit', () => {
  const storage = fakeStorage();
  visit(storage).set({ key: 'Eb', mode: 'lydian', bpm: 72, intensity: 0.5, preset: 'sleep', volume: 0.3 });
  assert.deepEqual(visit(storage).settings, { key: 'Eb', mode: 'lydian', bpm: 72, intensity: 0.5, preset: 'sleep', volume: 0.3 });
});

test('another station has music of its own, and the same volume', () => {
  const storage = fakeStorage();
  const store = visit(storage);
  store.set({ key: 'Eb', volume: 0.3 });
  assert.deepEqual(visit(storage, 'night').settings, { volume: 0.3 });
  store.enter('night');
  assert.deepEqual(store.settings, { volume: 0.3 });
  store.set({ mode: 'dorian' });
  assert.deepEqual(visit(storage).settings, { volume: 0.3, key: 'Eb' });
  assert.deepEqual(visit(storage, 'night').settings, { volume: 0.3, mode: 'dorian' });
});

test('what is touched before the station is known goes over what was kept', () => {
  const storage = fakeStorage();
  visit(storage).set({ key: 'Eb', bpm: 60 });
  const store = new Store(storage);
  store.set({ bpm: 80 });
  store.enter('main');
  assert.deepEqual(store.settings, { volume: VOLUME_DEFAULT, key: 'Eb', bpm: 80 });
});

test('a station not entered can be asked about, and begun anew', () => {
  const storage = fakeStorage();
  visit(storage, 'private').set({ key: 'Eb', preset: 'sleep' });
  const store = visit(storage);
  assert.deepEqual(store.of('private'), { key: 'Eb', preset: 'sleep' });
  store.begin('private', { preset: 'focus', evil: 1 });
  assert.deepEqual(store.of('private'), { preset: 'focus' });
  assert.deepEqual(store.settings, { volume: VOLUME_DEFAULT });
  store.enter('private');
  assert.deepEqual(store.settings, { volume: VOLUME_DEFAULT, preset: 'focus' });
});

test('a field set to undefined is forgotten', () => {
  const storage = fakeStorage();
  const store = visit(storage);
  store.set({ key: 'C', bpm: 90 });
  store.set({ key: undefined });
  assert.deepEqual(visit(storage).settings, { volume: VOLUME_DEFAULT, bpm: 90 });
});

for (const text of ['', '{', 'null', '7', '[]', '{"volume":9,"key":"H","bpm":"x","intensity":null,"evil":1,"__proto__":1}']) {
  test(`stored nonsense ${text} is ignored`, () => {
    const store = visit(fakeStorage({ 'tutti.page': text, 'tutti.station.main': text }));
    assert.deepEqual(store.settings, { volume: VOLUME_DEFAULT });
  });
}

test('storage that is missing or throws does no harm', () => {
  const broken = { getItem: () => { throw new Error('no'); }, setItem: () => { throw new Error('full'); } };
  for (const storage of [null, broken]) {
    const store = new Store(storage);
    store.set({ volume: 0.5 });
    assert.equal(store.settings.volume, 0.5);
  }
});
