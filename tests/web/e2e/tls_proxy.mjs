// SPDX-License-Identifier: GPL-3.0-or-later
/** The real nginx or HAProxy with its configuration of share/proxy, before the program, and a certificate for both. */
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const HOST = 'radio.example.org';
export const PROXIES = ['nginx', 'haproxy'];

const SHARE = new URL('../../../share/proxy/', import.meta.url);
const PATIENCE_MS = 60000;
const NOBODY = 65534;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until `isSo` does not fail and is true. */
async function until(isSo, what) {
  const end = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`not in ${PATIENCE_MS} ms: ${what}`);
    await pause(20);
  }
}

function makeCertificate(folder) {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST},DNS:localhost`];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', ...subject, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  writeFileSync(join(folder, 'both.pem'), readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'));
  return { key, certificate, both: join(folder, 'both.pem') };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Replaces, and fails where there is nothing to replace: the files in share/ are what is tested. */
function put(text, ...pairs) {
  for (const [from, to] of pairs) {
    if (!text.includes(from)) throw new Error(`no "${from}" in the configuration`);
    text = text.replaceAll(from, to);
  }
  return text;
}

const configure = {
  nginx(folder, port, upstream, files) {
    const server = put(readFileSync(new URL('nginx.conf', SHARE), 'utf8'), ['    listen [::]:443 ssl;\n', ''], ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
      ['127.0.0.1:8080', `127.0.0.1:${upstream}`], [`/etc/ssl/certs/${HOST}.pem`, files.certificate], [`/etc/ssl/private/${HOST}.key`, files.key]);
    const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
    const path = join(folder, 'nginx.conf');
    writeFileSync(path, `daemon off; pid ${folder}/nginx.pid; error_log stderr; events { worker_connections 256; }\nhttp { access_log off; ${folders}\n${server}\n}\n`);
    return ['nginx', ['-e', 'stderr', '-p', folder, '-c', path]];
  },
  haproxy(folder, port, upstream, files) {
    const path = join(folder, 'haproxy.cfg');
    writeFileSync(path, put(readFileSync(new URL('haproxy.cfg', SHARE), 'utf8'), ['bind :443', `bind 127.0.0.1:${port}`], ['127.0.0.1:8080', `127.0.0.1:${upstream}`],
      [`/etc/haproxy/${HOST}.pem`, files.both], ['maxconn 16000', 'maxconn 200']));
    return ['haproxy', ['-db', '-f', path]];
  },
};

/** The program, with the address of its proxy as an origin. */
async function startProgram() {
  const child = spawn(process.env.TUTTI, ['serve', '--port', '0', '--origins', `https://${HOST}`, '--log-level', 'warning'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    exited.then((code) => reject(new Error(`exit ${code}`)));
    createInterface(child.stdout).on('line', (line) => /https?:\S+/.test(line) && resolve(/https?:\S+/.exec(line)[0]));
  });
  return {
    port: Number(new URL(url).port),
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Hands connections on to `port` and keeps the head of each one's first request. */
async function startTap(port, heads) {
  const server = createServer((socket) => {
    const upstream = connect(port, '127.0.0.1');
    let head = '';
    socket.on('data', (data) => {
      if (head.includes('\r\n\r\n')) return;
      head += data.toString('latin1');
      if (head.includes('\r\n\r\n')) heads.push(head);
    });
    socket.pipe(upstream).pipe(socket);
    for (const [end, other] of [[socket, upstream], [upstream, socket]]) {
      end.on('error', () => other.destroy());
      end.on('close', () => other.destroy());
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** Starts the program, and before it the proxy, without root's rights. @param {string} name  one of PROXIES */
export async function startBehind(name) {
  const folder = mkdtempSync(join(tmpdir(), `tutti-${name}-`));
  const files = makeCertificate(folder);
  const program = await startProgram();
  const heads = [];
  const tap = await startTap(program.port, heads);
  const port = await freePort();
  const [command, words] = configure[name](folder, port, tap.address().port, files);
  const asRoot = process.getuid() === 0;
  if (asRoot) for (const path of [folder, ...Object.values(files)]) chownSync(path, NOBODY, NOBODY);
  let told = '';
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }, ...(asRoot ? { uid: NOBODY, gid: NOBODY } : {}) });
  const exited = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (told += data));
  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.all([exited, program.stop()]);
    tap.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(() => {
      if (child.exitCode !== null || child.pid === undefined) throw new Error(`${name} does not run: ${told}`);
      return isOpen(port);
    }, name);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    heads,
    certificate: readFileSync(files.certificate),
    untilHead: (isSo) => until(() => isSo(heads), 'the request'),
    stopServer: () => program.stop(),
    stop,
  };
}
