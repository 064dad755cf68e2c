// The limits of the buckets: size, extension, settings that can be read back.

import { EEPROM_BYTES, PHOTO_BYTES } from './provision.mjs';
import { eeprom } from './library.mjs';

export async function buckets(check, { admin, alice }) {
  check.has('user-eeprom', await admin.storage.getBucket('user-eeprom'),
    { fileSecurity: true, enabled: true, maximumFileSize: EEPROM_BYTES, allowedFileExtensions: ['bin'], compression: 'none', encryption: true, antivirus: true });
  check.has('community-blobs', await admin.storage.getBucket('community-blobs'),
    { $permissions: ['read("label:alpha")', 'read("label:admin")'], fileSecurity: false, maximumFileSize: EEPROM_BYTES, allowedFileExtensions: ['bin'], encryption: true });
  check.has('community-photos', await admin.storage.getBucket('community-photos'),
    { maximumFileSize: PHOTO_BYTES, allowedFileExtensions: ['jpg', 'jpeg', 'png', 'webp'], compression: 'gzip', encryption: false, antivirus: true });
  const upload = (id, bytes, name) => alice.storage.createFile('user-eeprom', id, alice.file(bytes, name));
  const full = await upload('full', eeprom('full', EEPROM_BYTES), 'full.bin');
  check.has('a file of exactly the maximum', full, { sizeOriginal: EEPROM_BYTES, chunksTotal: 1, chunksUploaded: 1, $permissions: alice.own('read', 'update', 'delete') });
  await check.fails('one byte more is refused', 400, 'storage_invalid_file_size', () => upload('over', eeprom('over', EEPROM_BYTES + 1), 'over.bin'));
  await check.fails('and not kept', 404, 'storage_file_not_found', () => alice.storage.getFile('user-eeprom', 'over'));
  await check.fails('another extension is refused', 400, 'storage_file_type_unsupported', () => upload('text', eeprom('text'), 'text.txt'), 'File extension not allowed');
  check.has('the extension counts in any case', await upload('upper', eeprom('upper'), 'UPPER.BIN'), { name: 'UPPER.BIN' });
  await check.fails('the same id again', 409, 'storage_file_already_exists', () => upload('upper', eeprom('upper'), 'upper.bin'));
  const photo = () => admin.storage.createFile('community-photos', 'big', admin.file(Buffer.alloc(PHOTO_BYTES + 1), 'big.png'));
  await check.fails('a photo beyond 5 MB is refused', 400, 'storage_invalid_file_size', photo);
}
