// "Migration to Public Access" of the seed: adding `any` opens reading and nothing else.

import { DB, EEPROM_BYTES, PHOTO_BYTES, communityRules, testers } from './provision.mjs';
import { eeprom, fetchFile, sha256 } from './library.mjs';

export async function publication(check, { admin, alice, boss, guest }, env) {
  const { Permission, Role } = admin.lib;
  const open = Permission.read(Role.any());
  await admin.databases.updateCollection(DB, 'community-modules', 'community-modules', [...communityRules(admin.lib), open], true);
  const rules = [...testers(admin.lib, 'read'), open];
  await admin.storage.updateBucket('community-blobs', 'community-blobs', rules, false, true, EEPROM_BYTES, ['bin'], 'none', true, true);
  await admin.storage.updateBucket('community-photos', 'community-photos', rules, false, true, PHOTO_BYTES, ['jpg', 'jpeg', 'png', 'webp'], 'gzip', false, true);
  for (const who of [guest, alice]) {
    check.eq(`${who.name} reads the community`, (await who.databases.listDocuments(DB, 'community-modules')).documents.map((d) => d.$id), ['first']);
    check.eq(`${who.name} downloads a blob`, (await fetchFile(who, env, 'community-blobs', 'blob')).status, 200);
    check.eq(`${who.name} views a photo`, (await fetchFile(who, env, 'community-photos', 'photo', 'view')).status, 200);
    const submit = () => who.databases.createDocument(DB, 'community-modules', 'unique()', { name: 'x', sha256: sha256(eeprom('x')) }, []);
    await check.fails(`${who.name} still does not submit`, 401, 'user_unauthorized', submit);
    await check.fails(`${who.name} still does not edit`, 401, 'user_unauthorized', () => who.databases.updateDocument(DB, 'community-modules', 'first', { name: 'x' }));
    await check.fails(`${who.name} still does not delete`, 401, 'user_unauthorized', () => who.databases.deleteDocument(DB, 'community-modules', 'first'));
  }
  check.has('administrators go on', await boss.databases.updateDocument(DB, 'community-modules', 'first', { vendor: 'Public' }), { vendor: 'Public' });
  check.eq('private modules stay private', (await guest.databases.listDocuments(DB, 'user-modules')).total, 0);
}
