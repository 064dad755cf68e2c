// The rules of the seed that the app itself keeps, and public snippets.

import { DB } from './schema.mjs';
import { Snippets, cascade, normalise } from './app.mjs';

export async function rules(check, cast) {
  for (const [name, part] of Object.entries({ sequencing, normalisation, publishing, cascading })) {
    await check.section(name, () => part(check, cast));
  }
}

async function sequencing(check, { owner }) {
  const app = new Snippets(owner);
  await app.create('seq', 'Sequence', 'one');
  for (const content of ['two', 'three']) await app.edit('seq', content);
  const snippet = await owner.databases.getDocument(DB, 'snippets', 'seq');
  check.has('the snippet knows its latest version', snippet, { latest_version: 3, content: 'three' });
  const { Query } = owner.lib;
  const history = await owner.databases.listDocuments(DB, 'snippet_versions', [Query.equal('snippet_id', 'seq'), Query.orderDesc('version')]);
  check.eq('newest first', history.documents.map((v) => [v.version, v.content]), [[3, 'three'], [2, 'two'], [1, 'one']]);
  const again = () => owner.databases.createDocument(DB, 'snippet_versions', 'unique()', { snippet_id: 'seq', user_id: owner.id, version: 3 }, owner.own('read'));
  await check.fails('no version twice', 409, 'document_already_exists', again);
  const zero = () => owner.databases.createDocument(DB, 'snippet_versions', 'unique()', { snippet_id: 'seq', user_id: owner.id, version: 0 });
  await check.fails('no version below one', 400, 'document_invalid_structure', zero);
}

async function normalisation(check, { owner }) {
  const app = new Snippets(owner);
  for (const [input, want] of [['C Sharp', 'csharp'], ['Objective-C', 'objective-c'], ['snake_case', 'snake_case'], ['Größe!', 'gre']]) {
    check.eq(`${input} becomes ${want}`, normalise(input), want);
    check.has('and is stored so', await app.tag('seq', input), { tag: want });
  }
  const { Query } = owner.lib;
  const found = await owner.databases.listDocuments(DB, 'snippet_tags', [Query.startsWith('tag', 'objective')]);
  check.eq('autocompletion finds it', found.documents.map((tag) => tag.tag), ['objective-c']);
}

async function publishing(check, { owner, other, guest, admin }) {
  const app = new Snippets(owner);
  await app.create('pub', 'Public', 'hello');
  const { Permission, Role, Query } = owner.lib;
  const open = [Permission.read(Role.any()), ...owner.own('read', 'update', 'delete')];
  const published = await owner.databases.updateDocument(DB, 'snippets', 'pub', { is_public: true }, open);
  check.eq('any joins the readers', published.$permissions, ['read("any")', 'read("user:olivia")', 'update("user:olivia")', 'delete("user:olivia")']);
  for (const who of [other, guest]) {
    check.has(`${who.name} reads`, await who.databases.getDocument(DB, 'snippets', 'pub'), { title: 'Public', is_public: true });
    check.eq(`${who.name} finds it in the list`, (await who.databases.listDocuments(DB, 'snippets', [Query.equal('is_public', true)])).documents.map((d) => d.$id), ['pub']);
    await check.fails(`${who.name} still may not update`, 401, 'user_unauthorized', () => who.databases.updateDocument(DB, 'snippets', 'pub', { title: 'x' }));
    await check.fails(`${who.name} does not read its versions yet`, 404, 'document_not_found', () => who.databases.getDocument(DB, 'snippet_versions', 'pub-v1'));
  }
  await check.fails('a version is not opened by its owner', 401, 'user_unauthorized', () =>
    owner.databases.updateDocument(DB, 'snippet_versions', 'pub-v1', {}, [Permission.read(Role.any())]));
  await admin.databases.updateDocument(DB, 'snippet_versions', 'pub-v1', undefined, ['read("any")', 'read("user:olivia")']);
  check.has('but by the function', await guest.databases.getDocument(DB, 'snippet_versions', 'pub-v1'), { content: 'hello' });
  check.has('now another user may favour it', await new Snippets(other).favourite('pub'), { snippet_id: 'pub', user_id: 'oscar' });
  await check.fails('a guest has no favourites', 401, 'user_unauthorized', () => guest.databases.createDocument(DB, 'favorites', 'unique()', { snippet_id: 'pub', user_id: 'x' }));
  await owner.databases.updateDocument(DB, 'snippets', 'pub', { is_public: false }, owner.own('read', 'update', 'delete'));
  for (const who of [other, guest]) {
    await check.fails(`hidden again for ${who.name}`, 404, 'document_not_found', () => who.databases.getDocument(DB, 'snippets', 'pub'));
  }
}

async function cascading(check, { owner, other, guest, admin }) {
  const app = new Snippets(owner);
  await app.tag('pub', 'gone');
  await app.favourite('pub');
  check.eq('before: versions, tags, favourites', [(await app.of('snippet_versions', 'pub')).length, (await app.of('snippet_tags', 'pub')).length, (await app.of('favorites', 'pub')).length], [1, 1, 1]);
  await cascade(admin, 'pub');
  await check.fails('the snippet is gone', 404, 'document_not_found', () => owner.databases.getDocument(DB, 'snippets', 'pub'));
  for (const collection of ['snippet_versions', 'snippet_tags', 'favorites']) {
    const left = await admin.databases.listDocuments(DB, collection, [admin.lib.Query.equal('snippet_id', 'pub')]);
    check.eq(`and its ${collection}`, left.total, 0);
  }
  check.eq("another user's favourite too", (await other.databases.listDocuments(DB, 'favorites')).total, 0);
  check.eq('nothing else was touched', (await app.of('snippet_versions', 'seq')).length, 3);
  check.eq('a guest sees nothing of all this', (await guest.databases.listDocuments(DB, 'snippet_tags')).total, 0);
  await owner.databases.deleteDocument(DB, 'snippets', 'seq');
  await check.fails('an owner deletes a snippet without help', 404, 'document_not_found', () => owner.databases.getDocument(DB, 'snippets', 'seq'));
}
