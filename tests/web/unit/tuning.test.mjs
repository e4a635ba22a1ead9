// SPDX-License-Identifier: GPL-3.0-or-later
/** What the server is asked for, on every way to and from it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { OWN, Tuning } = await importPage('tuning.js');

const heard = (wish, hello) => {
  const tuning = new Tuning(wish);
  tuning.meet(hello);
  return tuning;
};

test('the first time it asks for no more than it was told', () => {
  assert.deepEqual(new Tuning({}).query(null), {});
  assert.deepEqual(new Tuning({ station: 'night', token: 't' }).query(null), { station: 'night', token: 't' });
});

test('a shared station goes on where it was left, whether it said goodbye or not', () => {
  const tuning = heard({ station: 'main' }, { station: 'main' });
  assert.deepEqual(tuning.query(42), { station: 'main', resume: '42' });
  tuning.leave('44');
  assert.equal(tuning.query(42).resume, '44');
  tuning.proceed();
  assert.equal(tuning.query(47).resume, '47');
});

test('the server\'s first station goes on too, and sequence 0 is one', () => {
  assert.deepEqual(heard({}, { station: 'main' }).query(0), { resume: '0' });
});

test('a station not heard yet does not go on with another\'s sequence', () => {
  const tuning = heard({ station: 'main' }, { station: 'main' });
  tuning.leave('44');
  tuning.ask('night');
  assert.deepEqual(tuning.query(42), { station: 'night' });
  assert.equal(tuning.meet({ station: 'night' }), true);
  assert.equal(tuning.query(7).resume, '7');
  assert.equal(tuning.meet({ station: 'night' }), false);
});

test('a station of one\'s own is found again by its token', () => {
  const tuning = new Tuning({ station: OWN, preset: 'sleep' });
  assert.deepEqual(tuning.query(null), { station: OWN, preset: 'sleep' });
  tuning.meet({ station: OWN, resume: 'abc' });
  tuning.hear({ preset: 'focus' });
  assert.deepEqual(tuning.query(42), { station: OWN, preset: 'focus', resume: 'abc' });
  tuning.leave('def');
  assert.equal(tuning.query(42).resume, 'def');
});

test('the preset of a shared station is not asked for', () => {
  const tuning = heard({ station: 'main', preset: 'sleep', resume: 'abc' }, { station: 'main' });
  tuning.hear({ preset: 'focus' });
  assert.deepEqual(tuning.query(null), { station: 'main' });
});

test('refused, it goes back to the shared station that was heard, and on there', () => {
  const tuning = heard({}, { station: 'main' });
  tuning.ask(OWN, { preset: 'focus' });
  assert.equal(tuning.goBack(), true);
  assert.deepEqual(tuning.query(42), { station: 'main', resume: '42' });
});

test('there is no way back where nothing was heard, or one\'s own', () => {
  assert.equal(new Tuning({ station: OWN }).goBack(), false);
  assert.equal(heard({ station: OWN }, { station: OWN, resume: 'abc' }).goBack(), false);
});

test('a hello that names no station, as of an old server, changes nothing', () => {
  const tuning = heard({ station: 'main' }, { station: 'main' });
  assert.equal(tuning.meet({}), false);
  assert.equal(tuning.query(3).resume, '3');
});

test('another right to steer is given from then on', () => {
  const tuning = new Tuning({ station: 'main' });
  tuning.authorize('t');
  assert.equal(tuning.query(null).token, 't');
});
