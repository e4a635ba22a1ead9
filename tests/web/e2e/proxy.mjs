// SPDX-License-Identifier: GPL-3.0-or-later
/** A proxy before the server under test: rewrites the headers of pages, and can hold the stream back as a bad network does. */
import { createServer, request as httpRequest } from 'node:http';
import { connect } from 'node:net';

/**
 * @param {string} target  address of the server
 * @param {(headers: Record<string, string>) => void} [rewrite]  changes a response's headers in place
 */
export async function startProxy(target, rewrite = () => {}) {
  const { hostname, port } = new URL(target);
  const tunnels = new Set();
  let down = false;
  let host = null;
  const server = createServer((request, response) => {
    const options = { hostname, port, path: request.url, method: request.method, headers: request.headers };
    const onward = httpRequest(options, (answer) => {
      rewrite(answer.headers);
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.on('upgrade', (request, socket, head) => {
    if (down) socket.destroy();
    else tunnels.add(tunnel(request, socket, head, hostname, port, host));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Lets nothing through for a while, then everything at once. */
    stall(milliseconds) {
      for (const { upstream, socket } of tunnels) {
        upstream.unpipe(socket);
        setTimeout(() => upstream.pipe(socket), milliseconds);
      }
    },
    /** Cuts every stream, and lets none through until mend(). */
    cut() {
      down = true;
      for (const { socket } of tunnels) socket.destroy();
      tunnels.clear();
    },
    mend() {
      down = false;
    },
    /** Asks the server for streams under another host name, or, for null, under the page's. @param {string|null} name */
    askAs(name) {
      host = name;
    },
    async stop() {
      this.cut();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function tunnel(request, socket, head, hostname, port, host) {
  const upstream = connect(Number(port), hostname, () => {
    const lines = Object.entries({ ...request.headers, ...(host ? { host } : {}) }).reduce((text, [name, value]) => `${text}${name}: ${value}\r\n`, '');
    upstream.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines}\r\n`);
    upstream.write(head);
    socket.pipe(upstream);
    upstream.pipe(socket);
  });
  for (const [end, other] of [[socket, upstream], [upstream, socket]]) {
    end.on('error', () => other.destroy());
    end.on('close', () => other.destroy());
  }
  return { socket, upstream };
}
