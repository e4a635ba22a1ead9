// SPDX-License-Identifier: GPL-3.0-or-later
/** Tutti behind the real nginx and HAProxy with the configurations of share/proxy: TLS, WebSockets, endless Ogg. */
import assert from 'node:assert/strict';
import { get } from 'node:https';
import { test } from 'node:test';
import { requireWeb } from '../modules.mjs';
import { HOST, PROXIES, startBehind } from './tls_proxy.mjs';

const { WebSocket } = requireWeb('ws');

const CHUNKS = 20;
const PAGES = 20;
const OGG_HEADER_BYTES = 27;
/** A page of 100 ms has some 1.3 KB; one who buffers hands on 4 KB and more. */
const PIECE_BYTES = 4096;

/** Opens the stream as a page of `origin` does, and resolves with what came of it. */
function open(proxy, { host = HOST, origin = `https://${host}`, query = 'format=opus', wanted = 1 }) {
  return new Promise((resolve, reject) => {
    const heard = { hello: null, sequences: [], status: 101, code: 0 };
    const socket = new WebSocket(`wss://127.0.0.1:${proxy.port}/ws/stream?${query}`, { ca: proxy.certificate, servername: HOST, origin, headers: { Host: host } });
    socket.on('unexpected-response', (request, response) => {
      resolve({ ...heard, status: response.statusCode });
      request.destroy();
    });
    socket.on('error', reject);
    socket.on('close', (code) => resolve({ ...heard, code }));
    socket.on('message', (data, isBinary) => {
      if (!isBinary) {
        const message = JSON.parse(data);
        if (message.type === 'hello') heard.hello = message;
        return;
      }
      if (heard.sequences.length < wanted) heard.sequences.push(data.readUInt32LE(4));
      if (heard.sequences.length === wanted) socket.close();
    });
  });
}

/** What comes of a GET until `enough` says so. @returns {Promise<{status: number, headers: object, pieces: Buffer[]}>} */
function fetchUntil(proxy, path, enough = () => false, localAddress = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: proxy.port, path, localAddress, ca: proxy.certificate, servername: HOST, headers: { Host: HOST } };
    const request = get(options, (response) => {
      const pieces = [];
      const done = () => {
        resolve({ status: response.statusCode, headers: response.headers, pieces });
        request.destroy();
      };
      response.on('data', (piece) => {
        pieces.push(piece);
        if (enough(pieces)) done();
      });
      response.on('end', done);
    });
    request.on('error', reject);
  });
}

/** The sequence numbers of the Ogg pages that `bytes` holds whole. */
function oggPages(bytes) {
  const pages = [];
  for (let at = 0; at + OGG_HEADER_BYTES <= bytes.length; ) {
    assert.equal(bytes.toString('latin1', at, at + 4), 'OggS');
    const segments = bytes[at + 26];
    if (at + OGG_HEADER_BYTES + segments > bytes.length) break;
    const size = OGG_HEADER_BYTES + segments + bytes.subarray(at + OGG_HEADER_BYTES, at + OGG_HEADER_BYTES + segments).reduce((sum, length) => sum + length, 0);
    if (at + size > bytes.length) break;
    pages.push(bytes.readUInt32LE(at + 18));
    at += size;
  }
  return pages;
}

const consecutive = (numbers) => numbers.every((number, index) => number === numbers[0] + index);

for (const name of PROXIES) {
  test(`behind ${name}`, { skip: !process.env.TUTTI && 'what is tested is the program' }, async (t) => {
    const proxy = await startBehind(name);
    t.after(() => proxy.stop());

    await t.test('a WebSocket plays, from the page of the proxy\'s address', async () => {
      const heard = await open(proxy, { wanted: CHUNKS });
      assert.equal(heard.hello?.type, 'hello');
      assert.equal(heard.sequences.length, CHUNKS);
      assert.ok(consecutive(heard.sequences), heard.sequences.join(' '));
    });

    await t.test('the page of this machine\'s own name needs no --origins', async () => {
      const heard = await open(proxy, { host: `localhost:${proxy.port}` });
      assert.equal(heard.status, 101);
      assert.equal(heard.sequences.length, 1);
    });

    await t.test('pages of other sites are kept out', async () => {
      for (const origin of ['https://evil.example', `http://${HOST}`, `https://${HOST}.evil.example`]) assert.equal((await open(proxy, { origin })).status, 403, origin);
    });

    await t.test('the server learns who asks, and by which name', async () => {
      const head = proxy.heads.find((text) => text.startsWith('GET /ws/stream'));
      assert.match(head, /\r\nhost: radio\.example\.org\r\n/i);
      assert.match(head, /\r\nx-forwarded-for: 127\.0\.0\.1\r\n/i);
      assert.match(head, /\r\nx-forwarded-proto: https\r\n/i);
    });

    await t.test('Ogg plays page by page, and none is held back', async () => {
      const { status, headers, pieces } = await fetchUntil(proxy, '/stream/main.ogg', (got) => got.length > 1 && oggPages(Buffer.concat(got)).length >= PAGES);
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'audio/ogg');
      const pages = oggPages(Buffer.concat(pieces));
      // Two pages of heads, then the stream where it is now.
      assert.ok(consecutive(pages.slice(0, 2)) && pages[0] === 0 && consecutive(pages.slice(2)), pages.join(' '));
      const sizes = pieces.map((piece) => piece.length).sort((a, b) => a - b);
      assert.ok(sizes[Math.floor(sizes.length / 2)] < PIECE_BYTES, sizes.join(' '));
    });

    await t.test('the page and the metrics are there', async () => {
      const page = await fetchUntil(proxy, '/');
      assert.equal(page.status, 200);
      assert.equal(page.headers['cross-origin-opener-policy'], 'same-origin');
      assert.match(String(Buffer.concat(page.pieces)), /<html/);
      assert.equal((await fetchUntil(proxy, '/metrics')).status, 200);
      // Another address, which stands for the world, may not see them in any spelling.
      for (const path of ['/metrics', '/%6detrics', '/api/metrics', '/api/%6Detrics', '/api%2fmetrics']) {
        assert.notEqual((await fetchUntil(proxy, path, undefined, '127.0.0.2')).status, 200, path);
      }
    });

    await t.test('the server\'s good-bye comes through', async () => {
      const before = proxy.heads.length;
      const listening = open(proxy, { query: 'format=opus&last', wanted: Infinity });
      await proxy.untilHead((heads) => heads.slice(before).some((text) => text.startsWith('GET /ws/stream?format=opus&last')));
      await proxy.stopServer();
      assert.equal((await listening).code, 1001);
    });
  });
}
