// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * A headless Chromium and the player page in it, for the browser tests.
 *
 * The server is the one at TUTTI_URL, or the program at the path TUTTI, or the tests' own small server.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { FakeServer } from '../fake_server.mjs';
import { requireWeb } from '../modules.mjs';

const { chromium } = requireWeb('playwright-core');
const { WebSocket } = requireWeb('ws');

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const START_MS = 20000;

/** @returns {Promise<import('playwright-core').Browser>} */
export function launchBrowser() {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell';
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

/**
 * Two stations, main and night. restart() ends it in order.
 * @param {{options?: string, fake?: import('../fake_server.mjs').FakeOptions}} [extra]  of the program, and the same of the tests' own
 * @returns {Promise<{url: string, canRestart: boolean, restart(): Promise<void>, stop(): Promise<void>}>}
 */
export async function startServer({ options = '', fake = {} } = {}) {
  if (process.env.TUTTI_URL) return { url: process.env.TUTTI_URL, canRestart: false, stop: async () => {} };
  return process.env.TUTTI ? startProgram(`${process.env.TUTTI} serve --port 0 --seed 7 --stations main,night=sleep --log-level warning ${options}`) : startFake(fake);
}

async function startFake(options) {
  let server = new FakeServer(options);
  const url = await server.start();
  return {
    url,
    canRestart: true,
    async restart() {
      await server.stop({ inOrder: true });
      server = new FakeServer(options);
      await server.start(Number(new URL(url).port));
    },
    stop: () => server.stop(),
  };
}

/** What the server says first of a station, or null if it does not open it. @returns {Promise<object|null>} */
export function helloOf(url, query = '') {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/stream?${query}`);
    const end = (answer) => (resolve(answer), socket.terminate());
    socket.on('error', () => end(null));
    socket.on('message', (data, isBinary) => !isBinary && end(JSON.parse(data)));
  });
}

/** Skips the test where the server knows no right to steer, and so none of what came with it. @returns {Promise<boolean>} */
export async function skipsWithoutControl(t, url) {
  const known = 'control' in ((await helloOf(url)) ?? {});
  if (!known) t.skip('the hello of this server has no "control"');
  return !known;
}

async function startProgram(command) {
  let child = await run(command);
  const { port } = new URL(child.url);
  return {
    url: child.url,
    canRestart: true,
    async restart() {
      await child.stop();
      child = await run(command.replace(/--port[= ]\S+/, `--port ${port}`));
    },
    stop: () => child.stop(),
  };
}

/** Runs `command` and waits for its address. */
async function run(command) {
  const child = spawn('exec ' + command, { shell: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`${command}: no address in ${START_MS} ms`)), START_MS).unref();
    exited.then((code) => reject(new Error(`${command}: exit ${code}`)));
    createInterface(child.stdout).on('line', (line) => {
      const match = /https?:\/\/[^\s/]+/.exec(line);
      if (match) resolve(match[0]);
    });
  });
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

// Without a graphics card sixty pictures a second take a processor of their own, which the tests then lack.
function drawSeldom() {
  window.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 100);
}

/**
 * Opens the player with its tap, and collects what the console says is wrong.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {object} [options]
 * @param {string} [options.query]
 * @param {object} [options.context]  of playwright
 * @param {() => void} [options.init]    runs in the page before its own scripts
 * @param {boolean} [options.seldom]     draws ten times a second, in place of sixty, and without transitions
 */
export async function openPlayer(browser, url, { query = 'tap=1', context = {}, init = () => {}, seldom = true } = {}) {
  const place = await browser.newContext(seldom ? { reducedMotion: 'reduce', ...context } : context);
  const page = await place.newPage();
  if (seldom) await page.addInitScript(drawSeldom);
  await page.addInitScript(init);
  const errors = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(`${url}/?${query}`);
  await page.waitForSelector('#connection[data-state=live]');
  return { page, errors, close: () => place.close() };
}

/** A measurement over its limit, which may be the machine's doing: no proof of a fault. */
export class TooSlow extends Error {}

/** @param {boolean} soon @param {string} text  what was measured */
export function assertSoon(soon, text) {
  if (!soon) throw new TooSlow(text);
}

/**
 * A measurement that a machine busy with something else spoils: passes when one of three tries does. Where all three
 * are too slow it is skipped, and says what it measured, for machines differ; any other failure is one.
 * @param {import('node:test').TestContext} t
 * @param {() => Promise<void>} measure
 */
export async function tryThrice(t, measure) {
  for (let tries = 3; ; tries--) {
    try {
      return await measure();
    } catch (error) {
      if (tries > 1) {
        t.diagnostic(`tried again: ${error.message}`);
        continue;
      }
      if (!(error instanceof TooSlow)) throw error;
      return t.skip(`over the limit three times on this machine: ${error.message}`);
    }
  }
}

/** Clicks play and waits until sound comes out. */
export async function startSound(page) {
  await page.click('#play');
  await page.waitForFunction(() => globalThis.tutti.engine.playhead.sounding && globalThis.tutti.engine.report[0] > 0);
}
