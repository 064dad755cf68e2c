// GraphQL by the service of that name in the Node SDK, old and new, and in the web SDK.

import { Checks, env } from '../seeds/common/checks.mjs';
import { ready, server } from '../seeds/common/server.mjs';
import { Browser } from '../seeds/common/browser.mjs';

const check = new Checks();

/** A document by a service of an SDK; what it finds, or its errors. */
const ask = (service) => async (query, variables = {}) => service.query({ query, variables });

const node = server('node-sdk-12');
const old = ask(new node.lib.Graphql(node.client));

await check.section('the server side', async () => {
  await node.databases.create('gq', 'GraphQL');
  await node.databases.createCollection('gq', 'c', 'C');
  await node.databases.createStringAttribute('gq', 'c', 's', 64, false);
  await ready(node.databases, 'gq', 'c');
  const create = `mutation($data: Json!) {
    databasesCreateDocument(databaseId: "gq", collectionId: "c", documentId: "d", data: $data) { _id data }
  }`;
  const made = await old(create, { data: { s: 'text' } });
  check.eq('a document is made', made.data.databasesCreateDocument._id, 'd');
  check.eq('its own fields are JSON', JSON.parse(made.data.databasesCreateDocument.data).s, 'text');
  const list = 'query($d: String!) { databasesListDocuments(databaseId: $d, collectionId: "c") { total documents { _id } } }';
  check.eq('and found', await old(list, { d: 'gq' }), { data: { databasesListDocuments: { total: 1, documents: [{ _id: 'd' }] } } });
  const unknown = await old('{ nope }');
  check.eq('unknown fields are named', unknown.errors[0].message, 'Cannot query field "nope" on type "Query".');
});

await check.section('new SDKs', async () => {
  const latest = server('node-sdk-27');
  const graphql = new latest.lib.Graphql(latest.client);
  const several = await graphql.query([{ query: '{ localeListContinents { total } }' }, { query: '{ localeListCurrencies { total } }' }]);
  check.eq('several documents', several.map((one) => Object.values(one.data)[0].total), [7, 117]);
  const user = await graphql.mutation({ query: { query: 'mutation { usersCreate(userId: "gq", email: "gq@example.com", password: "password12") { _id email } }' } });
  check.eq('a user is made', user.data.usersCreate, { _id: 'gq', email: 'gq@example.com' });
  const none = () => graphql.query({ query: {} });
  await check.fails('a document is needed', 400, 'graphql_no_query', none, 'Param "query" is not optional.');
});

await check.section('a page', async () => {
  const tab = new Browser('web-sdk-28');
  const web = tab.client(env);
  const graphql = new tab.Appwrite.Graphql(web);
  const session = 'mutation { accountCreateEmailPasswordSession(email: "gq@example.com", password: "password12") { userId } }';
  check.eq('somebody signs in', (await graphql.mutation({ query: { query: session } })).data.accountCreateEmailPasswordSession.userId, 'gq');
  check.eq('and is known by the cookie', (await graphql.query({ query: { query: '{ accountGet { _id } }' } })).data.accountGet._id, 'gq');
  const refused = await graphql.query({ query: '{ usersList { total } }' });
  check.true('what servers may do is refused', refused.errors[0].message.includes('missing scopes'), JSON.stringify(refused));
});

check.finish();
