// A browser tab, as far as the web SDK can tell: its own globals, localStorage, cookies, origin, CORS and WebSocket.
//
// The SDK's published script build (dist/iife/sdk.js, what a page loads with <script>) runs unchanged in a realm of its own,
// so that several users, each in a tab of their own, live in one program.

import fs from 'node:fs';
import vm from 'node:vm';
import { createRequire } from 'node:module';
import WebSocketClient from 'ws';

const require = createRequire(import.meta.url);
const sources = new Map();

function source(sdk) {
  if (!sources.has(sdk)) {
    const path = require.resolve(`${sdk}/package.json`).replace(/package\.json$/, 'dist/iife/sdk.js');
    sources.set(sdk, new vm.Script(fs.readFileSync(path, 'utf8'), { filename: path }));
  }
  return sources.get(sdk);
}

class LocalStorage {
  #map = new Map();
  getItem(key) { return this.#map.has(key) ? this.#map.get(key) : null; }
  setItem(key, value) { this.#map.set(String(key), String(value)); }
  removeItem(key) { this.#map.delete(key); }
  clear() { this.#map.clear(); }
}

const SAFE_REQUEST = new Set(['accept', 'accept-language', 'content-language']);
const SAFE_RESPONSE = new Set(['cache-control', 'content-language', 'content-length', 'content-type', 'expires', 'last-modified', 'pragma']);
const SIMPLE_TYPES = /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/;

/** What is logged, as a text; objects of some SDKs cannot be made into one. */
const shown = (value) => (typeof value === 'object' ? value?.message ?? JSON.stringify(value) : String(value));

/** One tab. `cookies: false` is a browser that refuses third-party cookies: the SDK then lives on localStorage alone. */
export class Browser {
  constructor(sdk, { origin = 'http://localhost', cookies = false } = {}) {
    this.sdk = sdk;
    this.origin = origin;
    this.cookies = cookies ? new Map() : null;
    this.sockets = new Set();
    this.opened = 0;
    this.preflights = new Set();
    this.log = [];
    this.storage = new LocalStorage();
    const realm = vm.createContext({});
    this.global = vm.runInContext('globalThis', realm);
    this.#furnish();
    source(sdk).runInContext(realm);
    this.Appwrite = this.global.Appwrite;
  }

  /** A client of the SDK for this project; `key` values as the page would set them. */
  client({ endpoint, project }) {
    return new this.Appwrite.Client().setEndpoint(endpoint).setProject(project);
  }

  /** What the SDK kept of the session, or undefined. */
  session(project) {
    const kept = JSON.parse(this.storage.getItem('cookieFallback') || '{}');
    return kept[`a_session_${project}`];
  }

  /** Closes every WebSocket of the tab. */
  close() {
    for (const socket of this.sockets) socket.terminate();
  }

  #furnish() {
    const tab = this;
    const g = this.global;
    const quiet = () => {};
    Object.assign(g, {
      window: g, self: g, localStorage: this.storage, fetch: (url, init) => tab.#fetch(url, init),
      console: { log: quiet, warn: quiet, info: quiet, debug: quiet, error: (...args) => tab.log.push(args.map(shown).join(' ')) },
      location: new URL(`${this.origin}/`),
      FormData, File, Blob, Headers, Response, Request, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, crypto, performance,
      setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask, btoa, atob,
    });
    g.WebSocket = class extends WebSocketClient {
      constructor(url, protocols) {
        const headers = tab.cookies?.size ? { cookie: tab.#cookieLine() } : {};
        super(url, protocols, { origin: tab.origin, headers });
        this.on('error', (error) => tab.log.push(`socket: ${error.message}`));
        tab.sockets.add(this);
        tab.opened += 1;
        this.on('close', () => tab.sockets.delete(this));
      }
    };
  }

  #cookieLine() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async #fetch(url, init = {}) {
    const headers = new Headers(init.headers);
    const method = (init.method ?? 'GET').toUpperCase();
    await this.#preflight(String(url), method, headers);
    headers.set('origin', this.origin);
    const sendsCookies = init.credentials === 'include' && this.cookies;
    if (sendsCookies && this.cookies.size) headers.set('cookie', this.#cookieLine());
    const body = method === 'GET' || method === 'HEAD' ? undefined : init.body;
    const answer = await fetch(url, { method, headers, body, redirect: 'follow' });
    this.#allowed(answer, init.credentials === 'include');
    if (sendsCookies) this.#keep(answer.headers.getSetCookie());
    return this.#visible(answer);
  }

  /** Asks first, as a browser does for anything that is not a simple request. */
  async #preflight(url, method, headers) {
    const names = [...headers.keys()].filter((name) => !SAFE_REQUEST.has(name)
      && !(name === 'content-type' && SIMPLE_TYPES.test(headers.get(name)))).sort();
    const id = `${method} ${names}`;
    if ((!names.length && ['GET', 'POST', 'HEAD'].includes(method)) || this.preflights.has(id)) return;
    const answer = await fetch(url, {
      method: 'OPTIONS',
      headers: { origin: this.origin, 'access-control-request-method': method, 'access-control-request-headers': names.join(',') },
    });
    if (!answer.ok) throw new TypeError(`Failed to fetch (preflight answered ${answer.status})`);
    this.#allowed(answer, true);
    const list = (name) => (answer.headers.get(name) ?? '').split(',').map((item) => item.trim().toLowerCase());
    if (!['GET', 'POST', 'HEAD'].includes(method) && !list('access-control-allow-methods').includes(method.toLowerCase())) {
      throw new TypeError(`Failed to fetch (preflight refuses ${method})`);
    }
    const refused = names.filter((name) => !list('access-control-allow-headers').includes(name));
    if (refused.length) throw new TypeError(`Failed to fetch (preflight refuses ${refused})`);
    this.preflights.add(id);
  }

  #allowed(answer, credentials) {
    if (answer.headers.get('access-control-allow-origin') !== this.origin) throw new TypeError('Failed to fetch (origin not allowed)');
    if (credentials && answer.headers.get('access-control-allow-credentials') !== 'true') throw new TypeError('Failed to fetch (no credentials)');
  }

  /** Keeps cookies as a browser on plain HTTP would: `SameSite=None` without `Secure` is refused. */
  #keep(lines) {
    for (const line of lines) {
      const [pair, ...attributes] = line.split(';').map((part) => part.trim());
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      const lower = attributes.map((attribute) => attribute.toLowerCase());
      if (lower.includes('samesite=none') && !lower.includes('secure')) continue;
      const expires = attributes.find((attribute) => /^expires=/i.test(attribute));
      if (expires && Date.parse(expires.slice(8)) < Date.now()) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }

  /** Scripts see only the headers CORS exposes. */
  async #visible(answer) {
    const exposed = new Set((answer.headers.get('access-control-expose-headers') ?? '').split(',').map((name) => name.trim().toLowerCase()));
    const headers = new Headers();
    for (const [name, value] of answer.headers) if (SAFE_RESPONSE.has(name) || exposed.has(name)) headers.append(name, value);
    const body = [204, 205, 304].includes(answer.status) ? null : await answer.arrayBuffer();
    return new Response(body, { status: answer.status, statusText: answer.statusText, headers });
  }
}
