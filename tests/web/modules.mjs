// SPDX-License-Identifier: GPL-3.0-or-later
/** Where the tests find the page's files and its npm packages, and Node's way to resolve the page's absolute URLs. */
import { readFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const WEB = new URL('../../web/', import.meta.url);

/** Requires a package of web/node_modules. */
export const requireWeb = createRequire(new URL('package.json', WEB));

/** The served files: URL path to file path. */
export function servedFiles() {
  const lines = readFileSync(new URL('files.txt', WEB), 'utf8').split('\n');
  const pairs = lines.filter((line) => line && !line.startsWith('#')).map((line) => line.split('='));
  return new Map(pairs.map(([url, file]) => [url, fileURLToPath(new URL(file, WEB))]));
}

/** Imports a module of the page in Node. */
export function importPage(name) {
  return import(new URL(`js/${name}`, WEB));
}

const hooks = `
const served = new Map(${JSON.stringify([...servedFiles()])});
export async function resolve(specifier, context, next) {
  const file = served.get(specifier);
  return next(file ? 'file://' + file : specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`, pathToFileURL('./'));
