// The permission rules of the four collections for the owner, another user and a guest.

import { DB } from './schema.mjs';
import { Snippets } from './app.mjs';

const ids = (list) => list.documents.map((document) => document.$id);

export async function roles(check, cast) {
  const app = new Snippets(cast.owner);
  await app.create('first', 'First', 'print(1)', ['Rust']);
  for (const [name, part] of Object.entries({ snippets, versions, tags, favorites, isolation })) {
    await check.section(name, () => part(check, cast));
  }
}

async function snippets(check, { owner, other, guest }) {
  const read = (who) => who.databases.getDocument(DB, 'snippets', 'first');
  const update = (who) => who.databases.updateDocument(DB, 'snippets', 'first', { title: `By ${who.name}` });
  check.has('the owner reads', await read(owner), { title: 'First', user_id: 'olivia', language: 'text', is_public: false, latest_version: 1, $collectionId: 'snippets' });
  check.eq('the owner lists', ids(await owner.databases.listDocuments(DB, 'snippets')), ['first']);
  const missing = "Document with the requested ID 'first' could not be found.";
  for (const who of [other, guest]) {
    await check.fails(`${who.name} does not find it`, 404, 'document_not_found', () => read(who), missing);
    const list = await who.databases.listDocuments(DB, 'snippets');
    check.eq(`${who.name} lists nothing`, [list.total, list.documents.length], [0, 0]);
    await check.fails(`${who.name} may not update`, 401, 'user_unauthorized', () => update(who), 'The current user is not authorized to perform the requested action.');
    await check.fails(`${who.name} may not delete`, 401, 'user_unauthorized', () => who.databases.deleteDocument(DB, 'snippets', 'first'));
    await check.fails(`${who.name} updates what is not there`, 404, 'document_not_found', () => who.databases.updateDocument(DB, 'snippets', 'nothing', { title: 'x' }));
  }
  check.has('the owner updates', await update(owner), { title: 'By olivia' });
  const theirs = await other.databases.createDocument(DB, 'snippets', 'theirs', { user_id: other.id, title: 'Theirs' });
  check.eq('any user creates; without permissions the creator is named', theirs.$permissions, ['read("user:oscar")', 'update("user:oscar")', 'delete("user:oscar")']);
  await check.fails('a guest may not create', 401, 'user_unauthorized', () => guest.databases.createDocument(DB, 'snippets', 'unique()', { user_id: 'x', title: 'x' }));
  const gift = () => other.databases.createDocument(DB, 'snippets', 'unique()', { user_id: owner.id, title: 'Gift' }, owner.own('read'));
  await check.fails('nobody names another user', 401, 'user_unauthorized', gift, 'Permissions must be one of: (any, users, user:oscar, user:oscar/unverified, users/unverified)');
  const sealed = await owner.databases.createDocument(DB, 'snippets', 'sealed', { user_id: owner.id, title: 'Sealed' }, []);
  check.eq('an empty list stays empty', sealed.$permissions, []);
  await check.fails('which shuts out its creator', 404, 'document_not_found', () => owner.databases.getDocument(DB, 'snippets', 'sealed'));
  await check.fails('the same id again', 409, 'document_already_exists', () => owner.databases.createDocument(DB, 'snippets', 'first', { user_id: owner.id, title: 'x' }));
  await check.fails('a user has no say about collections', 401, 'general_unauthorized_scope', () => owner.client.call('get', new URL(`${owner.client.config.endpoint}/databases`), {}));
}

async function versions(check, { owner, other, guest, admin }) {
  const id = 'first-v1';
  check.has('the owner reads', await owner.databases.getDocument(DB, 'snippet_versions', id), { version: 1, content: 'print(1)', $permissions: ['read("user:olivia")'] });
  for (const who of [other, guest]) {
    await check.fails(`${who.name} does not find it`, 404, 'document_not_found', () => who.databases.getDocument(DB, 'snippet_versions', id));
    check.eq(`${who.name} lists nothing`, (await who.databases.listDocuments(DB, 'snippet_versions')).total, 0);
  }
  for (const who of [owner, other, guest]) {
    await check.fails(`not even ${who.name} may update it`, 401, 'user_unauthorized', () => who.databases.updateDocument(DB, 'snippet_versions', id, { content: 'forged' }));
    await check.fails(`nor delete it (${who.name})`, 401, 'user_unauthorized', () => who.databases.deleteDocument(DB, 'snippet_versions', id));
  }
  check.has('it is as it was', await admin.databases.getDocument(DB, 'snippet_versions', id), { content: 'print(1)' });
  await check.fails('a guest may not create', 401, 'user_unauthorized', () =>
    guest.databases.createDocument(DB, 'snippet_versions', 'unique()', { snippet_id: 'first', user_id: 'x', version: 9 }));
}

async function tags(check, { owner, other, guest }) {
  const list = await owner.databases.listDocuments(DB, 'snippet_tags', [owner.lib.Query.equal('tag', 'rust')]);
  check.eq('stored in lower case', list.documents.map((tag) => [tag.tag, tag.snippet_id]), [['rust', 'first']]);
  const [tag] = list.documents;
  check.eq('every user reads tags', ids(await other.databases.listDocuments(DB, 'snippet_tags')), [tag.$id]);
  check.has('one by one too', await other.databases.getDocument(DB, 'snippet_tags', tag.$id), { tag: 'rust' });
  await check.fails('a guest does not', 404, 'document_not_found', () => guest.databases.getDocument(DB, 'snippet_tags', tag.$id));
  check.eq('nor in lists', (await guest.databases.listDocuments(DB, 'snippet_tags')).total, 0);
  for (const who of [owner, other, guest]) {
    await check.fails(`${who.name} may not update`, 401, 'user_unauthorized', () => who.databases.updateDocument(DB, 'snippet_tags', tag.$id, { tag: 'go' }));
  }
  await check.fails('another user may not delete', 401, 'user_unauthorized', () => other.databases.deleteDocument(DB, 'snippet_tags', tag.$id));
  await owner.databases.deleteDocument(DB, 'snippet_tags', tag.$id);
  check.eq('the owner may', (await other.databases.listDocuments(DB, 'snippet_tags')).total, 0);
}

async function favorites(check, { owner, other, guest }) {
  const app = new Snippets(owner);
  const mine = await app.favourite('first');
  check.eq('only the user and nothing to change', mine.$permissions, ['read("user:olivia")', 'delete("user:olivia")']);
  await check.fails('once per snippet', 409, 'document_already_exists', () => app.favourite('first'));
  await check.fails('what cannot be read cannot be a favourite', 404, 'document_not_found', () => new Snippets(other).favourite('first'));
  for (const who of [other, guest]) {
    check.eq(`${who.name} sees none of them`, (await who.databases.listDocuments(DB, 'favorites')).total, 0);
    await check.fails(`${who.name} finds none`, 404, 'document_not_found', () => who.databases.getDocument(DB, 'favorites', mine.$id));
    await check.fails(`${who.name} deletes none`, 401, 'user_unauthorized', () => who.databases.deleteDocument(DB, 'favorites', mine.$id));
  }
  await check.fails('the owner does not update', 401, 'user_unauthorized', () => owner.databases.updateDocument(DB, 'favorites', mine.$id, { snippet_id: 'other' }));
  await owner.databases.deleteDocument(DB, 'favorites', mine.$id);
  check.eq('but deletes', (await owner.databases.listDocuments(DB, 'favorites')).total, 0);
}

async function isolation(check, { owner, other }) {
  const { Query } = owner.lib;
  check.eq('the query of the seed: own snippets', ids(await owner.databases.listDocuments(DB, 'snippets', [Query.equal('user_id', owner.id)])), ['first']);
  check.eq('asking for another user gives nothing', (await owner.databases.listDocuments(DB, 'snippets', [Query.equal('user_id', other.id)])).total, 0);
  check.eq('without the query still nothing foreign', ids(await owner.databases.listDocuments(DB, 'snippets')), ['first']);
  check.eq('a cursor or offset does not help', (await owner.databases.listDocuments(DB, 'snippets', [Query.offset(1)])).documents, []);
  await owner.databases.updateDocument(DB, 'snippets', 'first', { user_id: other.id });
  check.eq('data is not permission', (await other.databases.listDocuments(DB, 'snippets', [Query.equal('user_id', other.id)])).documents.map((d) => d.$id), ['theirs']);
  await owner.databases.updateDocument(DB, 'snippets', 'first', { user_id: owner.id });
}
