// Relationships with the Node SDK on the server and the web SDK in the page: relationships.mjs NODE-SDK WEB-SDK.

import { createRequire } from 'node:module';
import { Checks, env } from '../seeds/common/checks.mjs';
import { Visitor } from '../seeds/common/user.mjs';

const require = createRequire(import.meta.url);
const [node, web] = process.argv.slice(2);
const lib = require(node);
const { Permission, Query, Role } = lib;
const check = new Checks();
const client = new lib.Client().setEndpoint(env.endpoint).setProject(env.project).setKey(env.key);
const tables = new lib.TablesDB(client);
const databaseId = 'library';
const in_ = (tableId) => ({ databaseId, tableId });
const everybody = [Permission.read(Role.users()), Permission.create(Role.users()), Permission.update(Role.users()), Permission.delete(Role.users())];

async function schema() {
  await tables.create({ databaseId, name: 'Library' });
  for (const tableId of ['authors', 'books', 'tags', 'profiles']) {
    await tables.createTable({ ...in_(tableId), name: tableId, permissions: everybody, rowSecurity: true });
    await tables.createStringColumn({ ...in_(tableId), key: 'name', size: 60, required: false });
  }
  const related = (tableId, relatedTableId, type, key, twoWayKey, onDelete) =>
    tables.createRelationshipColumn({ ...in_(tableId), relatedTableId, type, twoWay: true, key, twoWayKey, onDelete });
  const books = await related('authors', 'books', 'oneToMany', 'books', 'author', 'cascade');
  check.has('a column of two sides', books, { type: 'relationship', relatedTable: 'books', relationType: 'oneToMany', side: 'parent', status: 'processing' });
  await related('authors', 'profiles', 'oneToOne', 'profile', 'author', 'restrict');
  await related('books', 'tags', 'manyToMany', 'tags', 'books', 'setNull');
  const twin = await tables.getColumn({ ...in_('books'), key: 'author' });
  check.has('its twin', twin, { side: 'child', twoWayKey: 'books', relatedTable: 'authors', status: 'available' });
}

async function rows() {
  const made = await tables.createRow({
    ...in_('authors'), rowId: 'ada', data: { name: 'Ada', books: [{ $id: 'b1', name: 'One', tags: [{ $id: 't1', name: 'red' }] }, { name: 'Two' }] },
  });
  check.eq('rows inside of a row are made', made.books.map((b) => b.name), ['One', 'Two']);
  check.eq('and rows inside of those', made.books[0].tags.map((t) => t.$id), ['t1']);
  const plain = await tables.getRow({ ...in_('books'), rowId: 'b1' });
  check.has('unselected, the id is shown', plain, { author: 'ada' });
  check.true('and no list', !('tags' in plain));
  const chosen = await tables.getRow({ ...in_('authors'), rowId: 'ada', queries: [Query.select(['name', 'books.name', 'books.tags.name'])] });
  check.eq('selected by name', chosen.books[0].tags[0].name, 'red');
  const found = await tables.listRows({ ...in_('books'), queries: [Query.equal('author.name', ['Ada']), Query.select(['*', 'author.*'])] });
  check.eq('found by the name of the author', [found.total, found.rows[0].author.$id], [2, 'ada']);
  const byTag = await tables.listRows({ ...in_('authors'), queries: [Query.equal('books.tags.name', ['red'])] });
  check.eq('found two relationships away', byTag.rows.map((r) => r.$id), ['ada']);
  const fewer = await tables.updateRow({ ...in_('authors'), rowId: 'ada', data: { books: ['b1'] } });
  check.eq('a list says who belongs', fewer.books.map((b) => b.$id), ['b1']);
  const orphans = await tables.listRows({ ...in_('books'), queries: [Query.isNull('author')] });
  check.eq('the other is free', orphans.rows.map((b) => b.name), ['Two']);
  await check.fails('a single partner is no list', 400, 'relationship_value_invalid', () => tables.updateRow({ ...in_('books'), rowId: 'b1', data: { author: ['ada'] } }));
  await tables.createRow({ ...in_('profiles'), rowId: 'p1', data: { author: 'ada' } });
  check.eq('told on both sides', (await tables.getRow({ ...in_('authors'), rowId: 'ada' })).profile, 'p1');
  await check.fails('a partner belongs to one', 409, 'row_already_exists', () => tables.createRow({ ...in_('authors'), rowId: 'bob', data: { profile: 'p1' } }));
}

async function deletes() {
  await check.fails('restrict', 403, 'row_delete_restricted', () => tables.deleteRow({ ...in_('authors'), rowId: 'ada' }));
  await tables.updateRow({ ...in_('authors'), rowId: 'ada', data: { profile: null } });
  await tables.deleteRow({ ...in_('tags'), rowId: 't1' });
  const book = await tables.getRow({ ...in_('books'), rowId: 'b1', queries: [Query.select(['*', 'tags.*'])] });
  check.eq('setNull takes the link away', book.tags, []);
  await tables.deleteRow({ ...in_('authors'), rowId: 'ada' });
  await check.fails('cascade', 404, 'row_not_found', () => tables.getRow({ ...in_('books'), rowId: 'b1' }));
  await check.fails('no bulk on related rows', 400, 'general_bad_request', () => tables.createRows({ ...in_('books'), rows: [{ $id: 'x' }] }));
  const renamed = await tables.updateRelationshipColumn({ ...in_('authors'), key: 'books', onDelete: 'setNull', newKey: 'works' });
  check.has('renamed', renamed, { key: 'works', onDelete: 'setNull' });
  check.eq('the twin knows', (await tables.getColumn({ ...in_('books'), key: 'author' })).twoWayKey, 'works');
  await tables.deleteColumn({ ...in_('books'), key: 'author' });
  await check.fails('both sides go', 404, 'column_not_found', () => tables.getColumn({ ...in_('authors'), key: 'works' }));
}

async function transactions() {
  await tables.createRelationshipColumn({ ...in_('authors'), relatedTableId: 'books', type: 'oneToMany', twoWay: true, key: 'books', twoWayKey: 'author' });
  const { $id: transactionId } = await tables.createTransaction({});
  await tables.createRow({ ...in_('authors'), rowId: 'eve', data: { books: [{ $id: 'e1' }] }, transactionId });
  await tables.createRow({ ...in_('books'), rowId: 'e2', data: { author: 'eve' }, transactionId });
  await check.fails('nothing is there before the commit', 404, 'row_not_found', () => tables.getRow({ ...in_('books'), rowId: 'e1' }));
  await tables.updateTransaction({ transactionId, commit: true });
  const eve = await tables.getRow({ ...in_('authors'), rowId: 'eve', queries: [Query.select(['books.*'])] });
  check.eq('all of it after', eve.books.map((b) => b.$id), ['e1', 'e2']);
}

async function page() {
  const [alice, bob] = [await new Visitor(web, 'alice').signUp(), await new Visitor(web, 'bob').signUp()];
  const heard = await alice.listen([`databases.${databaseId}.tables.authors.rows`]);
  const mine = new alice.lib.TablesDB(alice.client);
  const own = alice.own('read', 'update', 'delete');
  await tables.updateTable({ ...in_('books'), name: 'books', permissions: [Permission.create(Role.users())], rowSecurity: true });
  const made = await mine.createRow({ ...in_('authors'), rowId: 'alice', data: { name: 'A', books: [{ $id: 'mine', name: 'M' }] }, permissions: [...own] });
  check.eq('permissions are inherited', made.books[0].$permissions.length, 3);
  const his = new bob.lib.TablesDB(bob.client);
  const seen = await his.getRow({ ...in_('authors'), rowId: 'alice', queries: [bob.lib.Query.select(['*', 'books.*'])] });
  check.eq('what one may not read is left out', seen.books, []);
  await check.fails('nor be changed through another row', 409, 'row_already_exists', () =>
    his.updateRow({ ...in_('authors'), rowId: 'alice', data: { books: [{ $id: 'mine', name: 'stolen' }] } }));
  const { until } = await import('../seeds/common/checks.mjs');
  await until(() => heard.events.length > 0);
  check.true('events leave relationships out', heard.events[0] && !('books' in heard.events[0].payload), JSON.stringify(heard.events[0]));
  await heard.close();
  alice.close();
  bob.close();
}

for (const part of [schema, rows, deletes, transactions, page]) await check.section(part.name, part);
check.finish();
