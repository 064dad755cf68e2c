// A user of a web app: a browser tab, a client of the web SDK, an account.

import { env } from './checks.mjs';
import { Browser } from './browser.mjs';

export const PASSWORD = 'correct-horse-1';

/** A tab with the services of the SDK; nobody is signed in. */
export class Visitor {
  constructor(sdk, name = 'guest', options = {}) {
    this.name = name;
    this.sdk = sdk;
    this.version = Number(sdk.replace(/\D+/g, ''));
    this.tab = new Browser(sdk, options);
    this.lib = this.tab.Appwrite;
    this.use(this.tab.client(env));
  }

  /** Takes this client for all services. */
  use(client) {
    this.client = client;
    this.account = new this.lib.Account(client);
    this.databases = new this.lib.Databases(client);
    this.storage = new this.lib.Storage(client);
    this.teams = new this.lib.Teams(client);
  }

  /** The account is made and signed in as the page of that SDK's time does. */
  async signUp(id = this.name) {
    await this.account.create(id, `${id}@example.com`, PASSWORD, id);
    return this.signIn(id);
  }

  async signIn(id = this.name) {
    const account = this.account;
    const call = account.createEmailPasswordSession ? 'createEmailPasswordSession' : 'createEmailSession';
    this.current = await account[call](`${id}@example.com`, PASSWORD);
    this.id = this.current.userId;
    return this;
  }

  /** The session's secret, as the SDK keeps it. */
  get secret() {
    return this.tab.session(env.project);
  }

  /** Reads, updates and deletes for this user, by the SDK's own helpers. */
  own(...actions) {
    const { Permission, Role } = this.lib;
    return actions.map((action) => Permission[action](Role.user(this.id)));
  }

  /** A file object of the page. */
  file(bytes, name, type = 'application/octet-stream') {
    return new File([bytes], name, { type });
  }

  /**
   * Subscribes by whatever this SDK offers: `client.subscribe` (channels in the query string) before 24, the Realtime class
   * (slots in 24, subscribe messages in 28) after. Resolves when the server has confirmed.
   */
  async listen(channels, queries = []) {
    const events = [];
    const keep = (event) => events.push(event);
    if (this.version < 24) {
      const stop = this.client.subscribe(channels, keep);
      return { events, close: async () => stop() };
    }
    this.realtime ??= new this.lib.Realtime(this.client);
    const subscription = await this.realtime.subscribe(channels, keep, queries);
    return { events, close: () => subscription.close() };
  }

  close() {
    this.tab.close();
  }
}
