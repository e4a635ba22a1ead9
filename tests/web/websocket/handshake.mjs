// SPDX-License-Identifier: GPL-3.0-or-later
/** The opening handshake (RFC 6455, 4.2), right and wrong. */
import { PATH } from './peer.mjs';

/**
 * `change` is laid over the headers of a proper handshake; a header of null is left out.
 * @typedef {{what: string, change?: Record<string, string|string[]|null>, line?: string, status: number}} Handshake
 * @type {Handshake[]}
 */
export const handshakes = [
  { what: 'a proper handshake', status: 101 },
  { what: 'all in small letters', change: { Upgrade: null, Connection: null, upgrade: 'websocket', connection: 'upgrade' }, status: 101 },
  { what: 'in capitals', change: { Upgrade: 'WEBSOCKET', Connection: 'UPGRADE' }, status: 101 },
  { what: 'Connection: keep-alive, Upgrade', change: { Connection: 'keep-alive, Upgrade' }, status: 101 },
  { what: 'Connection in two lines', change: { Connection: ['keep-alive', 'Upgrade'] }, status: 101 },
  { what: 'spaces around the values', change: { 'Sec-WebSocket-Version': ' \t13 ', Connection: ' ,  Upgrade\t,' }, status: 101 },
  { what: 'several protocols to upgrade to', change: { Upgrade: 'h2c, websocket' }, status: 101 },
  { what: 'extensions and subprotocols on offer', change: { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits, x-webkit-deflate-frame', 'Sec-WebSocket-Protocol': 'chat, superchat' }, status: 101 },
  { what: 'headers that the server knows nothing of', change: { 'Sec-WebSocket-Key1': '4 @1  46546xW%0l 1 5', Cookie: 'a=b', 'X-Forwarded-For': '192.0.2.1' }, status: 101 },
  { what: 'no key', change: { 'Sec-WebSocket-Key': null }, status: 400 },
  { what: 'a key of no length', change: { 'Sec-WebSocket-Key': '' }, status: 400 },
  { what: 'a key of 15 bytes', change: { 'Sec-WebSocket-Key': Buffer.alloc(15).toString('base64') }, status: 400 },
  { what: 'a key of 17 bytes', change: { 'Sec-WebSocket-Key': Buffer.alloc(17).toString('base64') }, status: 400 },
  { what: 'a key that is no base64', change: { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub2*jZQ==' }, status: 400 },
  { what: 'two keys', change: { 'Sec-WebSocket-Key': [Buffer.alloc(16).toString('base64'), Buffer.alloc(16, 1).toString('base64')] }, status: 400 },
  { what: 'no version', change: { 'Sec-WebSocket-Version': null }, status: 426 },
  ...['8', '0', '14', '013', '13, 8', '-13', 'thirteen', '13.0', '255', '1300000000000000000000'].map((version) => ({ what: `version ${version}`, change: { 'Sec-WebSocket-Version': version }, status: 426 })),
  { what: 'two versions', change: { 'Sec-WebSocket-Version': ['13', '8'] }, status: 426 },
  { what: 'no Upgrade', change: { Upgrade: null }, status: 426 },
  { what: 'an upgrade to something else', change: { Upgrade: 'h2c' }, status: 426 },
  { what: 'no Connection', change: { Connection: null }, status: 400 },
  { what: 'Connection: close', change: { Connection: 'close' }, status: 400 },
  { what: 'Connection: keep-alive', change: { Connection: 'keep-alive' }, status: 400 },
  { what: 'no Host', change: { Host: null }, status: 400 },
  { what: 'HTTP/1.0', line: `GET ${PATH} HTTP/1.0`, status: 400 },
  { what: 'POST', line: `POST ${PATH} HTTP/1.1`, change: { 'Content-Length': '0' }, status: 405 },
  { what: 'HEAD', line: `HEAD ${PATH} HTTP/1.1`, status: 400 },
  { what: 'a page of another site', change: { Origin: 'https://evil.example' }, status: 403 },
  { what: 'a page without an origin of its own', change: { Origin: 'null' }, status: 403 },
  { what: 'a station that there is not', line: 'GET /ws/stream?station=nowhere HTTP/1.1', status: 404 },
  { what: 'a format that there is not', line: 'GET /ws/stream?format=mp3 HTTP/1.1', status: 400 },
  { what: 'a WebSocket to a page', line: 'GET / HTTP/1.1', status: 200 },
];
