// Places and full text through the Node SDK: places.mjs node-sdk-N. Columns, indexes, every spatial query, searches, in tables and collections.

import { Checks } from '../seeds/common/checks.mjs';
import { server } from '../seeds/common/server.mjs';

const check = new Checks();
const { lib, client, databases } = server(process.argv[2]);
const tables = new lib.TablesDB(client);
const { Query, ID } = lib;

const square = (from, to) => [[[from, from], [to, from], [to, to], [from, to], [from, from]]];
const rows = [
  { $id: 'berlin', name: 'Die Straße in Berlin 🌍', at: [13.4, 52.52], way: [[13, 52], [13.4, 52.52], [14, 53]], area: square(0, 10) },
  { $id: 'potsdam', name: 'Potsdam, near Berlin', at: [13.06, 52.4], way: [[10, 10], [20, 20]], area: square(20, 30) },
  { $id: 'tokyo', name: '東京都 Tokyo', at: [139.69, 35.68], way: [[25, 25], [35, 35]], area: square(40, 50) },
];

const ids = (list) => (list.rows ?? list.documents).map((row) => row.$id);
const found = async (name, queries, want) => {
  const list = await tables.listRows('geo', 'places', queries);
  check.eq(name, [ids(list), list.total], [want, want.length]);
};

await check.section('columns and indexes', async () => {
  await tables.create('geo', 'Geo');
  await tables.createTable('geo', 'places', 'Places');
  await tables.createLongtextColumn('geo', 'places', 'name', false);
  check.has('a point column', await tables.createPointColumn('geo', 'places', 'at', true), { key: 'at', type: 'point', required: true });
  check.has('a line column', await tables.createLineColumn('geo', 'places', 'way', true), { key: 'way', type: 'linestring' });
  check.has('a polygon column', await tables.createPolygonColumn('geo', 'places', 'area', false, square(0, 1)), { key: 'area', type: 'polygon', default: square(0, 1) });
  check.has('a spatial index', await tables.createIndex('geo', 'places', 'by_at', 'spatial', ['at']), { key: 'by_at', type: 'spatial', columns: ['at'] });
  await check.fails('none on an optional column', 400, 'column_index_invalid', () => tables.createIndex('geo', 'places', 'by_area', 'spatial', ['area']),
    'Spatial indexes do not allow null values. Mark the attribute "area" as required or create the index on a column with no null values.');
  await tables.createIndex('geo', 'places', 'words', 'fulltext', ['name']);
  check.eq('rows in bulk', (await tables.createRows('geo', 'places', rows)).total, 3);
  check.has('they come back', await tables.getRow('geo', 'places', 'berlin'), { at: [13.4, 52.52], way: rows[0].way, area: rows[0].area });
});

await check.section('places', async () => {
  const here = [13.4, 52.52];
  await found('within 30 km', [Query.distanceLessThan('at', here, 30000)], ['berlin', 'potsdam']);
  await found('within 1 km', [Query.distanceLessThan('at', here, 1000, true)], ['berlin']);
  await found('beyond 30 km', [Query.distanceGreaterThan('at', here, 30000)], ['tokyo']);
  await found('within a degree', [Query.distanceLessThan('at', here, 1, false)], ['berlin', 'potsdam']);
  await found('exactly here', [Query.distanceEqual('at', here, 0)], ['berlin']);
  await found('not here', [Query.distanceNotEqual('at', here, 0)], ['potsdam', 'tokyo']);
  await found('equal', [Query.equal('at', [here])], ['berlin']);
  await found('in a frame', [Query.intersects('at', square(10, 60))], ['berlin', 'potsdam']);
  await found('a place in an area', [Query.contains('area', [[5, 5]])], ['berlin']);
  await found('not in an area', [Query.notContains('area', [[5, 5]])], ['potsdam', 'tokyo']);
  await found('overlaps', [Query.overlaps('area', square(5, 12))], ['berlin']);
  await found('touches', [Query.touches('area', square(10, 20))], ['berlin', 'potsdam']);
  await found('crosses', [Query.crosses('way', [[10, 20], [20, 10]])], ['potsdam']);
  await found('crosses not', [Query.notCrosses('way', [[10, 20], [20, 10]])], ['berlin', 'tokyo']);
  await found('with another condition', [Query.or([Query.intersects('area', [5, 5]), Query.equal('$id', ['tokyo'])])], ['berlin', 'tokyo']);
  await check.fails('metres from a line', 400, 'general_query_invalid', () => tables.listRows('geo', 'places', [Query.distanceLessThan('way', here, 5)]),
    'Distance in meters is not supported between linestring and point');
});

await check.section('changes', async () => {
  const near = [Query.distanceLessThan('at', [0, 0], 1000)];
  await tables.updateRow('geo', 'places', 'tokyo', { at: [0, 0] });
  await found('an update moves it', near, ['tokyo']);
  await tables.upsertRow('geo', 'places', 'null', { at: [0, 0.001], way: [[0, 0], [1, 1]] });
  await found('an upsert adds one', near, ['tokyo', 'null']);
  check.eq('its area is the default', (await tables.getRow('geo', 'places', 'null')).area, square(0, 1));
  await tables.deleteRow('geo', 'places', 'null');
  const tx = await tables.createTransaction();
  await tables.createOperations(tx.$id, [{ action: 'update', databaseId: 'geo', tableId: 'places', rowId: 'tokyo', data: { at: [139.69, 35.68] } }]);
  await found('a transaction that is open changes nothing', near, ['tokyo']);
  await tables.updateTransaction(tx.$id, true);
  await found('until it is committed', near, []);
});

await check.section('words', async () => {
  await found('a word', [Query.search('name', 'berlin')], ['berlin', 'potsdam']);
  await found('a beginning', [Query.search('name', 'strass*')], ['berlin']);
  await found('a phrase', [Query.search('name', '"near berlin"')], ['potsdam']);
  await found('no such phrase', [Query.search('name', '"berlin near"')], []);
  await found('characters without spaces', [Query.search('name', '京都')], ['tokyo']);
  await found('an emoji', [Query.search('name', '🌍')], ['berlin']);
  await found('all others', [Query.notSearch('name', 'berlin')], ['tokyo']);
  await check.fails('without an index', 400, 'general_query_invalid', async () => {
    await tables.createVarcharColumn('geo', 'places', 'other', 20, false);
    return tables.listRows('geo', 'places', [Query.search('other', 'x')]);
  }, 'Searching by attribute "other" requires a fulltext index.');
});

await check.section('collections', async () => {
  const list = await databases.listDocuments('geo', 'places', [Query.distanceLessThan('at', [139, 35], 200000)]);
  check.eq('the same by the old name', ids(list), ['tokyo']);
  await databases.deleteIndex('geo', 'places', 'by_at');
  await found('the same without an index', [Query.distanceLessThan('at', [139, 35], 200000)], ['tokyo']);
  check.true('ids are made', Boolean((await databases.createDocument('geo', 'places', ID.unique(), { at: [1, 2], way: [[1, 2], [3, 4]] })).$id));
});

check.finish();
