// Columns, queries, totals, indexes over what is there and a page that writes, with the Node SDK on the server and the web SDK
// in the page: tables.mjs NODE-SDK WEB-SDK.

import { createRequire } from 'node:module';
import { Checks, env, until } from '../seeds/common/checks.mjs';
import { Visitor } from '../seeds/common/user.mjs';

const require = createRequire(import.meta.url);
const [node, web] = process.argv.slice(2);
const lib = require(node);
const { Permission, Query, Role } = lib;
const check = new Checks();
const client = new lib.Client().setEndpoint(env.endpoint).setProject(env.project).setKey(env.key);
const db = new lib.TablesDB(client);
const databaseId = 'press';
const at = (tableId) => ({ databaseId, tableId });

/** A call of one of Ferrite's own routes, as the key or as a user of the page. */
async function ours(path, headers = { 'x-appwrite-key': env.key }) {
  const answer = await fetch(env.endpoint + path, { headers: { 'x-appwrite-project': env.project, ...headers } });
  return { status: answer.status, body: await answer.json() };
}

async function columns() {
  await db.create({ databaseId, name: 'Press' });
  await db.createTable({ ...at('all'), name: 'All kinds' });
  const make = (kind, key, more = {}) => db[`create${kind}Column`]({ ...at('all'), key, required: false, ...more });
  const made = {
    str: await make('String', 'str', { size: 20, xdefault: 'x' }),
    sealed: await make('String', 'sealed', { size: 200, encrypt: true }),
    vc: await make('Varchar', 'vc', { size: 30 }),
    tx: await make('Text', 'tx'),
    mtx: await make('Mediumtext', 'mtx'),
    ltx: await make('Longtext', 'ltx'),
    int: await make('Integer', 'int', { min: 1, max: 10 }),
    big: await make('BigInt', 'big'),
    flt: await make('Float', 'flt', { min: 0.5 }),
    flag: await make('Boolean', 'flag', { xdefault: true }),
    day: await make('Datetime', 'day'),
    mail: await make('Email', 'mail'),
    pick: await make('Enum', 'pick', { elements: ['a', 'b'], xdefault: 'a' }),
    addr: await make('Ip', 'addr'),
    link: await make('Url', 'link'),
    many: await make('Integer', 'many', { array: true }),
  };
  const want = {
    str: 'string', sealed: 'string', vc: 'varchar', tx: 'text', mtx: 'mediumtext', ltx: 'longtext', int: 'integer', big: 'bigint', flt: 'double', flag: 'boolean',
    day: 'datetime', mail: 'string', pick: 'string', addr: 'string', link: 'string', many: 'integer',
  };
  check.eq('the kinds as they are told', Object.fromEntries(Object.entries(made).map(([key, column]) => [key, column.type])), want);
  check.eq('all are there', (await db.listColumns(at('all'))).columns.map((c) => `${c.key} ${c.status}`), Object.keys(want).map((key) => `${key} available`));
  const defaults = await db.createRow({ ...at('all'), rowId: 'd', data: { big: 1 } });
  check.has('defaults', defaults, { str: 'x', flag: true, pick: 'a', int: null, many: [] });
  const full = {
    str: 'ä'.repeat(20), sealed: 'sealed', vc: 'v', tx: 't', mtx: 'm', ltx: 'l'.repeat(100_000), int: 10, big: 9007199254740991, flt: 0.5, flag: false,
    day: '2026-01-02T03:04:05.678+00:00', mail: 'a@example.com', pick: 'b', addr: '::1', link: 'https://example.com/?a=b', many: [3, 1, 3],
  };
  await db.createRow({ ...at('all'), rowId: 'f', data: full });
  check.has('what was written is read', await db.getRow({ ...at('all'), rowId: 'f' }), full);
  for (const [key, wrong] of Object.entries({ str: 'x'.repeat(21), int: 11, flt: 0.4, flag: 'yes', day: 'soon', mail: 'nobody', pick: 'c', addr: '1.2.3', link: 'no link', many: [1, 'x'] })) {
    await check.fails(`refused: ${key}`, 400, 'row_invalid_structure', () => db.updateRow({ ...at('all'), rowId: 'f', data: { [key]: wrong } }));
  }
  await check.fails('no such column', 400, 'row_invalid_structure', () => db.updateRow({ ...at('all'), rowId: 'f', data: { nothing: 1 } }));
  await check.fails('sealed columns are not searched', 400, 'general_query_invalid', () => db.listRows({ ...at('all'), queries: [Query.equal('sealed', 'sealed')] }));
}

async function changes() {
  check.has('a name', await db.updateStringColumn({ ...at('all'), key: 'str', required: false, xdefault: 'y', size: 40, newKey: 'title' }), { key: 'title', size: 40, default: 'y' });
  check.eq('leads to what was there', (await db.getRow({ ...at('all'), rowId: 'f' })).title, 'ä'.repeat(20));
  check.has('the elements', await db.updateEnumColumn({ ...at('all'), key: 'pick', elements: ['a', 'b', 'c'], required: false, xdefault: 'c' }), { elements: ['a', 'b', 'c'], default: 'c' });
  check.has('the bounds', await db.updateIntegerColumn({ ...at('all'), key: 'int', required: true, min: 0, max: 20, xdefault: null }), { min: 0, max: 20, required: true });
  await check.fails('required from now on', 400, 'row_invalid_structure', () => db.createRow({ ...at('all'), rowId: 'no', data: { big: 1 } }));
  check.has('new defaults', await db.createRow({ ...at('all'), rowId: 'yes', data: { int: 20 } }), { title: 'y', pick: 'c' });
  await db.deleteColumn({ ...at('all'), key: 'link' });
  check.true('a column that is gone is in no row', !('link' in (await db.getRow({ ...at('all'), rowId: 'f' }))));
  await db.createUrlColumn({ ...at('all'), key: 'link', required: false });
  check.eq('nor comes back with its name', (await db.getRow({ ...at('all'), rowId: 'f' })).link, null);
  check.has('the table', await db.updateTable({ ...at('all'), name: 'Renamed', enabled: false }), { name: 'Renamed', enabled: false });
  await check.fails('not twice', 409, 'column_already_exists', () => db.createIpColumn({ ...at('all'), key: 'link', required: false }));
}

const PEOPLE = [
  { $id: 'p1', name: 'Ada Lovelace', born: 1815, tags: ['math', 'poetry'], city: 'London' },
  { $id: 'p2', name: 'Grace Hopper', born: 1906, tags: ['navy', 'math'], city: 'New York' },
  { $id: 'p3', name: 'Alan Turing', born: 1912, tags: ['math'], city: 'London' },
  { $id: 'p4', name: '100%_sure', born: null, tags: [], city: null },
  { $id: 'p5', name: 'Margaret Hamilton', born: 1936, tags: ['moon', 'navy'], city: 'Paoli' },
];

async function queries() {
  await db.createTable({
    ...at('people'), name: 'People', rowSecurity: true,
    columns: [{ key: 'name', type: 'string', size: 60 }, { key: 'born', type: 'integer' }, { key: 'tags', type: 'string', size: 20, array: true }, { key: 'city', type: 'string', size: 30 }],
    indexes: [{ key: 'born', type: 'key', attributes: ['born'] }, { key: 'city_born', type: 'key', attributes: ['city', 'born'] }],
  });
  await db.createRows({ ...at('people'), rows: PEOPLE });
  const list = async (...given) => (await db.listRows({ ...at('people'), queries: given })).rows.map((row) => row.$id).join(' ');
  const cases = [
    ['equal to one of', [Query.equal('city', ['London', 'Paoli'])], 'p1 p3 p5'],
    ['not equal leaves null out', [Query.notEqual('city', 'London')], 'p2 p5'],
    ['less', [Query.lessThan('born', 1906)], 'p1'],
    ['at most', [Query.lessThanEqual('born', 1906)], 'p1 p2'],
    ['more', [Query.greaterThan('born', 1912)], 'p5'],
    ['at least', [Query.greaterThanEqual('born', 1912)], 'p3 p5'],
    ['between', [Query.between('born', 1815, 1906)], 'p1 p2'],
    ['not between', [Query.notBetween('born', 1815, 1906)], 'p3 p5'],
    ['null', [Query.isNull('born')], 'p4'],
    ['not null', [Query.isNotNull('born')], 'p1 p2 p3 p5'],
    ['begins with', [Query.startsWith('name', '100%_')], 'p4'],
    ['ends with', [Query.endsWith('name', 'ing')], 'p3'],
    ['does not begin with', [Query.notStartsWith('name', 'A')], 'p2 p4 p5'],
    ['does not end with', [Query.notEndsWith('name', 'e')], 'p2 p3 p5'],
    ['a text in a text', [Query.contains('name', ['race', 'lac'])], 'p1 p2'],
    ['an element of a list', [Query.contains('tags', ['moon', 'poetry'])], 'p1 p5'],
    ['all elements', [Query.containsAll('tags', ['math', 'navy'])], 'p2'],
    ['no element', [Query.notContains('tags', ['math'])], 'p4 p5'],
    ['either', [Query.or([Query.equal('$id', 'p4'), Query.and([Query.equal('city', 'London'), Query.greaterThan('born', 1900)])])], 'p3 p4'],
    ['falling', [Query.orderDesc('born'), Query.isNotNull('born')], 'p5 p3 p2 p1'],
    ['two orders', [Query.orderAsc('city'), Query.orderDesc('born'), Query.isNotNull('city')], 'p3 p1 p2 p5'],
    ['a page', [Query.orderAsc('born'), Query.isNotNull('born'), Query.limit(2), Query.offset(1)], 'p2 p3'],
    ['after', [Query.orderDesc('born'), Query.isNotNull('born'), Query.cursorAfter('p3')], 'p2 p1'],
    ['before', [Query.orderDesc('born'), Query.isNotNull('born'), Query.limit(1), Query.cursorBefore('p2')], 'p3'],
    ['made before now', [Query.createdBefore('2100-01-01T00:00:00.000Z'), Query.createdAfter('2020-01-01T00:00:00.000Z'), Query.limit(1)], 'p1'],
    ['changed later', [Query.updatedAfter('2100-01-01T00:00:00.000Z')], ''],
  ];
  for (const [name, given, want] of cases) check.eq(name, await list(...given), want);
  check.eq('in any order', (await list(Query.orderRandom())).split(' ').sort().join(' '), 'p1 p2 p3 p4 p5');
  const chosen = (await db.listRows({ ...at('people'), queries: [Query.select(['name']), Query.limit(1)] })).rows[0];
  check.eq('what is selected', [chosen.name, 'born' in chosen, chosen.$id], ['Ada Lovelace', false, 'p1']);
  check.eq('a total', (await db.listRows({ ...at('people'), queries: [Query.limit(1)] })).total, 5);
  check.eq('no total', (await db.listRows({ ...at('people'), queries: [Query.limit(1)], total: false })).total, 0);
  await check.fails('a search needs its index', 400, 'general_query_invalid', () => list(Query.search('name', 'ada')));
  await check.fails('a wrong value', 400, 'general_query_invalid', () => list(Query.equal('born', ['x'])));
  await check.fails('an unknown column', 400, 'general_query_invalid', () => list(Query.equal('nothing', [1])));
  await check.fails('a cursor that is not there', 400, 'general_cursor_not_found', () => list(Query.cursorAfter('nobody')));
}

async function building() {
  await db.createTable({ ...at('many'), name: 'Many', columns: [{ key: 'n', type: 'integer' }, { key: 'word', type: 'string', size: 20 }] });
  for (let from = 0; from < 6000; from += 100) {
    await db.createRows({ ...at('many'), rows: Array.from({ length: 100 }, (_, i) => ({ n: from + i, word: `w${(from + i) % 7}` })) });
  }
  const some = async () => (await db.listRows({ ...at('many'), queries: [Query.equal('word', 'w3'), Query.orderDesc('n'), Query.limit(2)] })).rows.map((row) => row.n);
  check.eq('an index begins', (await db.createIndex({ ...at('many'), key: 'word', type: 'key', columns: ['word', 'n'] })).status, 'processing');
  check.eq('answers are right meanwhile', await some(), [5995, 5988]);
  await db.createRow({ ...at('many'), rowId: 'late', data: { n: 6002, word: 'w3' } });
  check.eq('what is written meanwhile is found', await some(), [6002, 5995]);
  check.true('it becomes available', await until(async () => (await db.getIndex({ ...at('many'), key: 'word' })).status === 'available', 20_000));
  check.eq('and tells the same', await some(), [6002, 5995]);
  const plan = await ours(`/ferrite/databases/${databaseId}/collections/many/explain?queries[]=${encodeURIComponent(Query.equal('word', 'w3'))}&queries[]=${encodeURIComponent(Query.orderDesc('n'))}`);
  check.has('it is used', plan.body, { way: { type: 'index', index: 'word' } });
  check.eq('a total beyond five thousand is told as that', (await db.listRows({ ...at('many'), queries: [Query.limit(1), Query.greaterThanEqual('n', 0)] })).total, 5000);
}

async function page() {
  const [alice, bob] = [await new Visitor(web, 'alice').signUp(), await new Visitor(web, 'bob').signUp()];
  const rows = (visitor) => new visitor.lib.TablesDB(visitor.client);
  await db.createTable({
    ...at('notes'), name: 'Notes', permissions: [Permission.create(Role.users())], rowSecurity: true,
    columns: [{ key: 'text', type: 'string', size: 100 }, { key: 'hits', type: 'integer', default: 0 }, { key: 'tags', type: 'string', size: 10, array: true }],
    indexes: [{ key: 'hits', type: 'key', attributes: ['hits'] }],
  });
  const [hers, his] = [rows(alice), rows(bob)];
  const { Operator, Query: Q } = alice.lib;
  const made = await hers.createRow({ ...at('notes'), rowId: 'a1', data: { text: 'hers' } });
  check.eq('who makes a row may do everything with it', made.$permissions, ['read', 'update', 'delete'].map((action) => `${action}("user:alice")`));
  await his.createRow({ ...at('notes'), rowId: 'b1', data: { text: 'his', hits: 5 } });
  check.eq('everybody lists their own', [(await hers.listRows(at('notes'))).total, (await his.listRows(at('notes'))).rows[0].$id], [1, 'b1']);
  await check.fails('others do not read it', 404, 'row_not_found', () => his.getRow({ ...at('notes'), rowId: 'a1' }));
  await check.fails('nor change it', 401, 'user_unauthorized', () => his.updateRow({ ...at('notes'), rowId: 'a1', data: { text: 'stolen' } }));
  await check.fails('nor give to whom they are not', 401, 'user_unauthorized', () =>
    his.createRow({ ...at('notes'), rowId: 'b2', data: { text: 'b' }, permissions: [bob.lib.Permission.read(bob.lib.Role.user('alice'))] }));
  check.has('operators', await hers.updateRow({ ...at('notes'), rowId: 'a1', data: { hits: Operator.increment(3), tags: Operator.arrayAppend(['x']) } }), { hits: 3, tags: ['x'] });
  check.has('counting', await hers.incrementRowColumn({ ...at('notes'), rowId: 'a1', column: 'hits', value: 2 }), { hits: 5 });
  check.has('and back', await hers.decrementRowColumn({ ...at('notes'), rowId: 'a1', column: 'hits', value: 1, min: 0 }), { hits: 4 });
  check.has('made or changed', await hers.upsertRow({ ...at('notes'), rowId: 'a2', data: { text: 'second' } }), { $id: 'a2', text: 'second', hits: 0 });
  check.has('changed or made', await hers.upsertRow({ ...at('notes'), rowId: 'a2', data: { hits: 9 } }), { hits: 9 });
  check.eq('sorted', (await hers.listRows({ ...at('notes'), queries: [Q.orderDesc('hits')] })).rows.map((row) => row.$id), ['a2', 'a1']);

  const { $id: transactionId } = await hers.createTransaction({ ttl: 60 });
  await hers.updateRow({ ...at('notes'), rowId: 'a1', data: { text: 'staged' }, transactionId });
  await hers.deleteRow({ ...at('notes'), rowId: 'a2', transactionId });
  check.eq('nothing yet', [(await hers.getRow({ ...at('notes'), rowId: 'a1' })).text, (await hers.listRows(at('notes'))).total], ['hers', 2]);
  await check.fails('nobody else has it', 404, 'transaction_not_found', () => his.getTransaction({ transactionId }));
  await hers.updateTransaction({ transactionId, commit: true });
  check.eq('all at once', [(await hers.getRow({ ...at('notes'), rowId: 'a1' })).text, (await hers.listRows(at('notes'))).total], ['staged', 1]);
  const theft = await his.createTransaction();
  await check.fails('what one may not see is not staged either', 404, 'row_not_found', () => his.updateRow({ ...at('notes'), rowId: 'a1', data: { text: 'x' }, transactionId: theft.$id }));

  const kept = async (visitor) => (await rows(visitor).listRows({ ...at('notes'), ttl: 60 })).rows.map((row) => row.text);
  await kept(alice);
  check.eq('kept lists are everybody\'s own', [await kept(alice), await kept(bob)], [['staged'], ['his']]);
  await hers.updateRow({ ...at('notes'), rowId: 'a1', data: { text: 'newer' } });
  check.eq('and never older than a write', await kept(alice), ['newer']);

  const jwt = { 'x-appwrite-jwt': (await alice.account.createJWT()).jwt };
  const base = `/ferrite/databases/${databaseId}/collections/notes`;
  const sum = 'aggregates[]=count&aggregates[]=sum(hits)';
  check.eq('figures are of what one may read', [(await ours(`${base}/aggregate?${sum}`, jwt)).body, (await ours(`${base}/aggregate?${sum}`)).body].map((body) => body.groups), [
    [{ by: {}, count: 1, 'sum(hits)': 4 }], [{ by: {}, count: 2, 'sum(hits)': 9 }]]);
  check.eq('plans are for keys', (await ours(`${base}/explain`, jwt)).status, 401);
  const may = async (userId, action) => (await ours(`/ferrite/permissions/explain?userId=${userId}&action=${action}&resource=databases/${databaseId}/collections/notes/documents/a1`)).body;
  check.eq('who may, and who may not', [(await may('alice', 'update')).allowed, (await may('bob', 'read')).allowed], [true, false]);
  alice.close();
  bob.close();
}

for (const part of [columns, changes, queries, building, page]) await check.section(part.name, part);
check.finish();
