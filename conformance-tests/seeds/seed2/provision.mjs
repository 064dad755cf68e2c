// Collections and buckets of the seed. It lists no create permission where users own things; the protocol asks for one on the
// collection or bucket before anybody but a key may create, so `create("users")` is added once that has been seen.

import { ready } from '../common/server.mjs';

export const DB = 'lib-core';
export const EEPROM_BYTES = 262_144;
export const PHOTO_BYTES = 5_242_880;

/** Makes database, collections and buckets with the server's key. */
export async function provision(admin) {
  await admin.databases.create(DB, 'SFP library');
  await collection(admin, 'user-modules', []);
  await collection(admin, 'community-modules', communityRules(admin.lib));
  await bucket(admin, 'user-eeprom', [], true, EEPROM_BYTES, ['bin'], 'none', true);
  const readers = testers(admin.lib, 'read');
  await bucket(admin, 'community-blobs', readers, false, EEPROM_BYTES, ['bin'], 'none', true);
  await bucket(admin, 'community-photos', readers, false, PHOTO_BYTES, ['jpg', 'jpeg', 'png', 'webp'], 'gzip', false);
}

/** Alpha testers and administrators, for one action. */
export function testers({ Permission, Role }, action) {
  return ['alpha', 'admin'].map((label) => Permission[action](Role.label(label)));
}

/** The community collection: testers read and submit, administrators moderate. */
export function communityRules(lib) {
  const { Permission, Role } = lib;
  return [...testers(lib, 'read'), ...testers(lib, 'create'), Permission.update(Role.label('admin')), Permission.delete(Role.label('admin'))];
}

async function collection({ databases }, id, permissions) {
  await databases.createCollection(DB, id, id, permissions, true);
  for (const [key, size, required] of [['name', 255, true], ['vendor', 128, false], ['sha256', 64, true], ['file_id', 36, false]]) {
    await databases.createStringAttribute(DB, id, key, size, required);
  }
  await databases.createIntegerAttribute(DB, id, 'size', false, 0, EEPROM_BYTES);
  await ready(databases, DB, id);
  await databases.createIndex(DB, id, 'by_hash', 'key', ['sha256']);
  await databases.createIndex(DB, id, 'by_vendor', 'key', ['vendor', 'name'], ['ASC', 'DESC']);
  await ready(databases, DB, id);
}

async function bucket({ storage }, id, permissions, fileSecurity, size, extensions, compression, encryption) {
  await storage.createBucket(id, id, permissions, fileSecurity, true, size, extensions, compression, encryption, true);
}

/** With the seed's empty lists nobody but the server creates; afterwards users may. */
export async function asTheSeedSays(check, { admin, alice }) {
  const { Permission, Role } = admin.lib;
  const save = () => alice.databases.createDocument(DB, 'user-modules', 'unique()', { name: 'x', sha256: '0'.repeat(64) }, alice.own('read'));
  const upload = () => alice.storage.createFile('user-eeprom', 'unique()', alice.file(new Uint8Array(16), 'x.bin'), alice.own('read'));
  await check.fails('an empty list lets no user create documents', 401, 'user_unauthorized', save);
  await check.fails('nor files', 401, 'user_unauthorized', upload);
  const create = [Permission.create(Role.users())];
  const changed = await admin.databases.updateCollection(DB, 'user-modules', 'user-modules', create, true);
  check.has('users may create modules', changed, { $permissions: ['create("users")'], documentSecurity: true });
  const opened = await admin.storage.updateBucket('user-eeprom', 'user-eeprom', create, true, true, EEPROM_BYTES, ['bin'], 'none', true, true);
  check.has('and files', opened, { $permissions: ['create("users")'], fileSecurity: true, maximumFileSize: EEPROM_BYTES, encryption: true });
}
