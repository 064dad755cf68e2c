// What the app itself does for its rules: the parts of the seed that no permission can express.

import { DB } from './schema.mjs';

/** Tags are lower case; only letters, digits, dash and underscore. */
export function normalise(tag) {
  return tag.toLowerCase().replace(/[^a-z0-9-_]/g, '');
}

/** The snippets app in the hands of one visitor. */
export class Snippets {
  constructor(visitor) {
    this.visitor = visitor;
    this.databases = visitor.databases;
    this.Query = visitor.lib.Query;
  }

  /** A snippet with its first version and its tags, all owned by the visitor. */
  async create(id, title, content, tags = []) {
    const { visitor, databases } = this;
    const snippet = await databases.createDocument(DB, 'snippets', id, { user_id: visitor.id, title, content }, visitor.own('read', 'update', 'delete'));
    await this.version(id, 1, content);
    for (const tag of tags) await this.tag(id, tag);
    return snippet;
  }

  /** Versions can be read by their owner; nobody may change or delete them. */
  version(snippet, version, content) {
    const { visitor, databases } = this;
    const data = { snippet_id: snippet, user_id: visitor.id, version, content };
    return databases.createDocument(DB, 'snippet_versions', `${snippet}-v${version}`, data, visitor.own('read'));
  }

  /** A tag can be deleted by its owner; reading is the collection's. */
  tag(snippet, tag) {
    const { visitor, databases } = this;
    return databases.createDocument(DB, 'snippet_tags', 'unique()', { snippet_id: snippet, user_id: visitor.id, tag: normalise(tag) }, visitor.own('delete'));
  }

  /** New content means a new version: latest_version + 1. */
  async edit(id, content) {
    const snippet = await this.databases.getDocument(DB, 'snippets', id);
    const version = snippet.latest_version + 1;
    await this.version(id, version, content);
    return this.databases.updateDocument(DB, 'snippets', id, { content, latest_version: version });
  }

  /** Only what can be read can be a favourite. */
  async favourite(id) {
    await this.databases.getDocument(DB, 'snippets', id);
    const data = { snippet_id: id, user_id: this.visitor.id };
    return this.databases.createDocument(DB, 'favorites', 'unique()', data, this.visitor.own('read', 'delete'));
  }

  /** Documents of a collection that belong to a snippet, as this visitor sees them. */
  async of(collection, snippet) {
    const { documents } = await this.databases.listDocuments(DB, collection, [this.Query.equal('snippet_id', snippet), this.Query.limit(100)]);
    return documents;
  }
}

/** The cascade of the seed's function, with the server's key: versions, tags and everybody's favourites go with the snippet. */
export async function cascade({ databases, lib }, snippet) {
  await databases.deleteDocument(DB, 'snippets', snippet);
  for (const collection of ['snippet_versions', 'snippet_tags', 'favorites']) {
    const { documents } = await databases.listDocuments(DB, collection, [lib.Query.equal('snippet_id', snippet), lib.Query.limit(100)]);
    for (const document of documents) await databases.deleteDocument(DB, collection, document.$id);
  }
}
