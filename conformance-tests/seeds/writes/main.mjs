// Writes as servers make them: bulk, operators, transactions, conflicts, kept lists, and what Ferrite adds. main.mjs node-sdk-N

import { Checks, env, until } from '../common/checks.mjs';
import { server } from '../common/server.mjs';

const [, , sdk] = process.argv;
const check = new Checks();
const { lib, client } = server(sdk);
const { Query, Operator } = lib;
const db = new lib.TablesDB(client);
const [databaseId, tableId] = ['shop', 'stock'];
const at = { databaseId, tableId };
const row = (rowId) => db.getRow({ ...at, rowId });
const count = async (queries = []) => (await db.listRows({ ...at, queries })).total;

/** A call of one of Ferrite's own routes. */
async function ours(method, path, body) {
  const answer = await fetch(env.endpoint + path, {
    method,
    headers: { 'content-type': 'application/json', 'x-appwrite-project': env.project, 'x-appwrite-key': env.key },
    body: body && JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
}

await check.section('schema', async () => {
  await db.create({ databaseId, name: 'Shop' });
  await db.createTable({
    ...at,
    name: 'Stock',
    columns: [
      { key: 'sku', type: 'string', size: 40, required: true },
      { key: 'shelf', type: 'string', size: 10, required: false },
      { key: 'amount', type: 'integer', required: false, default: 0 },
      { key: 'price', type: 'double', required: false },
      { key: 'marks', type: 'string', size: 20, required: false, array: true },
      { key: 'sold', type: 'boolean', required: false, default: false },
    ],
    indexes: [{ key: 'sku', type: 'unique', attributes: ['sku'] }, { key: 'shelf', type: 'key', attributes: ['shelf'] }],
  });
  const table = await db.getTable(at);
  check.eq('columns given with the table are there', table.columns.map((c) => `${c.key}:${c.status}`).join(), 'sku:available,shelf:available,amount:available,price:available,marks:available,sold:available');
  check.eq('indexes, too', table.indexes.map((i) => `${i.key}:${i.type}:${i.status}`).join(), 'sku:unique:available,shelf:key:available');
});

await check.section('bulk', async () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({ $id: `r${i}`, sku: `s${i}`, shelf: i % 2 ? 'odd' : 'even', amount: i }));
  check.has('20 rows in one call', await db.createRows({ ...at, rows }), { total: 20 });
  await check.fails('all or none', 409, 'row_already_exists', () => db.createRows({ ...at, rows: [{ $id: 'x1', sku: 'new' }, { $id: 'x2', sku: 's3' }] }));
  check.eq('nothing of it was made', await count(), 20);
  check.has('update those that match', await db.updateRows({ ...at, data: { price: 2.5 }, queries: [Query.equal('shelf', 'odd')] }), { total: 10 });
  check.eq('and only those', await count([Query.equal('price', 2.5)]), 10);
  const upserted = await db.upsertRows({ ...at, rows: [{ $id: 'r0', sku: 's0', amount: 100 }, { $id: 'fresh', sku: 'fresh' }] });
  check.eq('upsert changes and makes', [upserted.total, (await row('r0')).amount, (await row('fresh')).amount], [2, 100, 0]);
  check.has('delete those that match', await db.deleteRows({ ...at, queries: [Query.startsWith('sku', 'fresh')] }), { total: 1 });
  check.eq('and only those', await count(), 20);
});

await check.section('operators', async () => {
  const change = async (data) => row((await db.updateRow({ ...at, rowId: 'r1', data })).$id);
  check.has('numbers', await change({ amount: Operator.increment(5), price: Operator.multiply(2) }), { amount: 6, price: 5 });
  check.has('with a bound', await change({ amount: Operator.increment(100, 50) }), { amount: 50 });
  check.has('down to a bound', await change({ amount: Operator.decrement(100, 10) }), { amount: 10 });
  check.has('lists', await change({ marks: Operator.arrayAppend(['a', 'b', 'a']) }), { marks: ['a', 'b', 'a'] });
  check.has('lists without repeats', await change({ marks: Operator.arrayUnique() }), { marks: ['a', 'b'] });
  check.has('lists less something', await change({ marks: Operator.arrayRemove('a') }), { marks: ['b'] });
  check.has('texts and switches', await change({ shelf: Operator.stringConcat('!'), sold: Operator.toggle() }), { shelf: 'odd!', sold: true });
  check.has('the old way of counting', await db.incrementRowColumn({ ...at, rowId: 'r1', column: 'amount', value: 2 }), { amount: 12 });
  await check.fails('beyond its bound', 400, 'column_limit_exceeded', () => db.incrementRowColumn({ ...at, rowId: 'r1', column: 'amount', value: 2, max: 13 }));
  await check.fails('on what is no number', 400, 'column_type_invalid', () => db.incrementRowColumn({ ...at, rowId: 'r1', column: 'sku' }));
});

await check.section('counting at once', async () => {
  const before = (await row('r2')).amount;
  await Promise.all(Array.from({ length: 64 }, () => db.incrementRowColumn({ ...at, rowId: 'r2', column: 'amount' })));
  check.eq('64 increments at once all count', (await row('r2')).amount, before + 64);
  const tries = await Promise.allSettled(Array.from({ length: 32 }, (_, i) => db.createRow({ ...at, rowId: `one${i}`, data: { sku: 'the only one' } })));
  check.eq('of 32 that want one unique value one gets it', tries.filter((t) => t.status === 'fulfilled').length, 1);
  check.eq('and the others are told', tries.every((t) => t.status === 'fulfilled' || t.reason.type === 'row_already_exists'), true);
  check.eq('the list agrees', await count([Query.equal('sku', 'the only one')]), 1);
});

await check.section('transactions', async () => {
  const { $id: transactionId, status } = await db.createTransaction({ ttl: 120 });
  check.eq('begins pending', status, 'pending');
  await db.createRow({ ...at, rowId: 'tx1', data: { sku: 'tx1', amount: 1 }, transactionId });
  await db.updateRow({ ...at, rowId: 'r3', data: { amount: 33 }, transactionId });
  await db.createOperations({
    transactionId,
    operations: [
      { action: 'increment', databaseId, tableId, rowId: 'tx1', data: { column: 'amount', value: 4 } },
      { action: 'delete', databaseId, tableId, rowId: 'r4' },
    ],
  });
  await check.fails('others do not see it', 404, 'row_not_found', () => row('tx1'));
  check.has('it sees itself', await db.getRow({ ...at, rowId: 'tx1', transactionId }), { amount: 5 });
  check.has('counts its operations', await db.getTransaction({ transactionId }), { operations: 4 });
  check.has('commits', await db.updateTransaction({ transactionId, commit: true }), { status: 'committed' });
  check.eq('then all see it', [(await row('tx1')).amount, (await row('r3')).amount], [5, 33]);
  await check.fails('and what it deleted is gone', 404, 'row_not_found', () => row('r4'));
  await check.fails('it is over', 400, 'transaction_not_ready', () => db.updateTransaction({ transactionId, commit: true }));
});

await check.section('conflicts', async () => {
  const mine = (await db.createTransaction()).$id;
  await db.updateRow({ ...at, rowId: 'r5', data: { amount: 55 }, transactionId: mine });
  await db.updateRow({ ...at, rowId: 'r5', data: { amount: 56 } });
  await check.fails('who comes later loses', 409, 'transaction_conflict', () => db.updateTransaction({ transactionId: mine, commit: true }));
  check.has('and changes nothing', await row('r5'), { amount: 56 });
  check.has('it has failed', await db.getTransaction({ transactionId: mine }), { status: 'failed' });
  const back = (await db.createTransaction()).$id;
  await db.deleteRow({ ...at, rowId: 'r6', transactionId: back });
  await db.updateTransaction({ transactionId: back, rollback: true });
  check.has('what is rolled back never was', await row('r6'), { sku: 's6' });
  const unique = (await db.createTransaction()).$id;
  await db.createRow({ ...at, rowId: 'dup', data: { sku: 's7' }, transactionId: unique });
  await check.fails('a unique value that is taken', 409, 'transaction_conflict', () => db.updateTransaction({ transactionId: unique, commit: true }));
});

await check.section('kept lists', async () => {
  const path = `/tablesdb/${databaseId}/tables/${tableId}/rows?ttl=60`;
  const state = async () => (await ours('GET', path)).headers.get('x-appwrite-cache');
  check.eq('first new, then kept', [await state(), await state()], ['miss', 'hit']);
  await db.updateRow({ ...at, rowId: 'r7', data: { amount: 77 } });
  const after = await ours('GET', path);
  check.eq('never older than a write', [after.headers.get('x-appwrite-cache'), after.body.rows.find((r) => r.$id === 'r7').amount], ['miss', 77]);
});

await check.section('additions', async () => {
  const op = (action, rowId, data) => ({ action, databaseId, tableId, rowId, data });
  const all = { operations: [op('create', 'once', { sku: 'once' }), op('update', 'r8', { amount: 88 })], commit: true };
  check.has('a transaction in one request', (await ours('POST', '/ferrite/tablesdb/transactions', all)).body, { status: 'committed', operations: 2 });
  check.eq('did all of it', [(await row('once')).sku, (await row('r8')).amount], ['once', 88]);
  const again = await ours('POST', '/ferrite/tablesdb/transactions', { ...all, operations: [op('update', 'r8', { amount: 1 }), op('create', 'once', { sku: 'x' })] });
  check.eq('or nothing', [again.status, again.body.type, (await row('r8')).amount], [409, 'transaction_conflict', 88]);
  const base = `/ferrite/databases/${databaseId}/collections/${tableId}`;
  const sums = await ours('GET', `${base}/aggregate?groupBy[]=shelf&aggregates[]=count&aggregates[]=max(amount)&queries[]=${encodeURIComponent(Query.equal('shelf', ['even', 'odd']))}`);
  check.eq('figures by groups', sums.body.groups.map((g) => g.by.shelf), ['even', 'odd']);
  const plan = await ours('GET', `${base}/explain?queries[]=${encodeURIComponent(Query.equal('sku', 's9'))}`);
  check.has('a plan', plan.body, { way: { type: 'index', index: 'sku' } });
  check.true('that read no more than it shows', plan.body.documentsRead <= 1);
});

await check.section('a unique index over what is there', async () => {
  await db.updateRows({ ...at, data: { shelf: 'same' }, queries: [Query.equal('$id', ['r8', 'r9'])] });
  await db.createIndex({ ...at, key: 'shelves', type: 'unique', columns: ['shelf'] });
  check.true('fails where values are the same', await until(async () => (await db.getIndex({ ...at, key: 'shelves' })).status === 'failed'));
  check.true('and says why', (await db.getIndex({ ...at, key: 'shelves' })).error !== '');
  await db.deleteIndex({ ...at, key: 'shelves' });
  await db.deleteColumn({ ...at, key: 'shelf' });
  const { columns, indexes } = await db.getTable(at);
  check.eq('a column goes with the indexes on it alone', [columns.some((c) => c.key === 'shelf'), indexes.map((i) => i.key)], [false, ['sku']]);
});
check.finish();
