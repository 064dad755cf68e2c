// "User Module Access" of the checklist.

import { DB } from './provision.mjs';
import { Library, eeprom, fetchFile, sha256 } from './library.mjs';

export async function modules(check, { alice, bob, guest }, env) {
  const mine = new Library(alice);
  const bytes = eeprom('alice-1');
  const { module, duplicate } = await mine.save('SFP-10G', bytes);
  check.eq('a new module is no duplicate', duplicate, false);
  check.eq('the creator is named on it', module.$permissions, ['read("user:alice")', 'update("user:alice")', 'delete("user:alice")']);
  check.has('A reads it', await alice.databases.getDocument(DB, 'user-modules', module.$id), { name: 'SFP-10G', sha256: sha256(bytes), size: 512 });
  for (const who of [bob, guest]) {
    await check.fails(`${who.name} does not`, 404, 'document_not_found', () => who.databases.getDocument(DB, 'user-modules', module.$id));
    const { total, documents } = await who.databases.listDocuments(DB, 'user-modules', [who.lib.Query.equal('sha256', sha256(bytes))]);
    check.eq(`${who.name} does not even see that it exists`, [total, documents.length], [0, 0]);
    await check.fails(`${who.name} may not change it`, 401, 'user_unauthorized', () => who.databases.updateDocument(DB, 'user-modules', module.$id, { name: 'stolen' }));
    await check.fails(`${who.name} may not delete it`, 401, 'user_unauthorized', () => who.databases.deleteDocument(DB, 'user-modules', module.$id));
  }
  const again = await mine.save('the same under another name', bytes);
  check.eq('the same bytes give the module that is there', [again.duplicate, again.module.$id], [true, module.$id]);
  const theirs = await new Library(bob).save('SFP-10G', bytes);
  check.eq('what another user owns is no duplicate', [theirs.duplicate, theirs.module.$id === module.$id], [false, false]);
  const { total } = await alice.databases.listDocuments(DB, 'user-modules');
  check.eq('each sees their own', total, 1);
  check.eq('the file is what was saved', (await fetchFile(alice, env, 'user-eeprom', module.file_id)).bytes.equals(bytes), true);

  await mine.remove(module);
  await check.fails('after deletion the module is gone', 404, 'document_not_found', () => alice.databases.getDocument(DB, 'user-modules', module.$id));
  await check.fails('and its file', 404, 'storage_file_not_found', () => alice.storage.getFile('user-eeprom', module.file_id));
  check.eq('the bytes too', (await fetchFile(alice, env, 'user-eeprom', module.file_id)).type, 'storage_file_not_found');
  const saved = await mine.save('SFP-10G', bytes);
  check.eq('then the same bytes are new again', saved.duplicate, false);
}
