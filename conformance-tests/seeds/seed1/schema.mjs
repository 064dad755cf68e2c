// The collections of the snippets app, with the role rules of the seed as the protocol knows them:
// "Create: user:{$userId}" is the collection's `create("users")`; everything else stands on the documents.

import { ready } from '../common/server.mjs';

export const DB = 'snippets-app';

/** Makes database, collections, attributes and indexes with the server's key. */
export async function provision({ databases, lib }) {
  const { Permission, Role } = lib;
  const create = Permission.create(Role.users());
  await databases.create(DB, 'Snippets');
  await databases.createCollection(DB, 'snippets', 'Snippets', [create], true);
  await databases.createStringAttribute(DB, 'snippets', 'user_id', 36, true);
  await databases.createStringAttribute(DB, 'snippets', 'title', 255, true);
  await databases.createStringAttribute(DB, 'snippets', 'content', 65535, false);
  await databases.createStringAttribute(DB, 'snippets', 'language', 50, false, 'text');
  await databases.createBooleanAttribute(DB, 'snippets', 'is_public', false, false);
  await databases.createIntegerAttribute(DB, 'snippets', 'latest_version', false, 1, 1000000, 1);

  await databases.createCollection(DB, 'snippet_versions', 'Versions', [create], true);
  await databases.createStringAttribute(DB, 'snippet_versions', 'snippet_id', 36, true);
  await databases.createStringAttribute(DB, 'snippet_versions', 'user_id', 36, true);
  await databases.createIntegerAttribute(DB, 'snippet_versions', 'version', true, 1);
  await databases.createStringAttribute(DB, 'snippet_versions', 'content', 65535, false);

  await databases.createCollection(DB, 'snippet_tags', 'Tags', [create, Permission.read(Role.users())], true);
  await databases.createStringAttribute(DB, 'snippet_tags', 'snippet_id', 36, true);
  await databases.createStringAttribute(DB, 'snippet_tags', 'user_id', 36, true);
  await databases.createStringAttribute(DB, 'snippet_tags', 'tag', 50, true);

  await databases.createCollection(DB, 'favorites', 'Favorites', [create], true);
  await databases.createStringAttribute(DB, 'favorites', 'snippet_id', 36, true);
  await databases.createStringAttribute(DB, 'favorites', 'user_id', 36, true);

  for (const collection of ['snippets', 'snippet_versions', 'snippet_tags', 'favorites']) await ready(databases, DB, collection);
  await databases.createIndex(DB, 'snippets', 'by_user', 'key', ['user_id']);
  await databases.createIndex(DB, 'snippet_versions', 'one_of_each', 'unique', ['snippet_id', 'version']);
  await databases.createIndex(DB, 'snippet_tags', 'by_tag', 'key', ['tag']);
  await databases.createIndex(DB, 'favorites', 'once', 'unique', ['user_id', 'snippet_id']);
  for (const collection of ['snippets', 'snippet_versions', 'snippet_tags', 'favorites']) await ready(databases, DB, collection);
}
